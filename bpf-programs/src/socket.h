// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Whose socket is this: questions that several hooks ask. */
#ifndef CULVERT_SOCKET_H
#define CULVERT_SOCKET_H

/* The verifier knows a context's fields by their offset: each is loaded by itself, where it stands. */
#define CONTEXT(field) (*(volatile __typeof__(field) *)&(field))

static __always_inline struct socket_state *state_of(struct bpf_sock *sk)
{
	return bpf_sk_storage_get(&sockets, sk, 0, 0);
}

static __always_inline struct socket_state *new_state_of(struct bpf_sock *sk)
{
	return bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
}

static __always_inline bool is_marked(struct bpf_sock *sk)
{
	return sk->mark == CULVERT_MARK;
}

static __always_inline bool is_bound_to(struct bpf_sock *sk, const __be32 ip[4])
{
	__be32 bound[4];

	if (is_v4(ip))
		return CONTEXT(sk->src_ip4) == ip[3];
	bound[0] = CONTEXT(sk->src_ip6[0]);
	bound[1] = CONTEXT(sk->src_ip6[1]);
	bound[2] = CONTEXT(sk->src_ip6[2]);
	bound[3] = CONTEXT(sk->src_ip6[3]);
	return is_same(bound, ip);
}

/* The address and port of a bpf_sock_addr: user_ip4 in connect4 and its like, user_ip6 in connect6 and its like. */
static __always_inline void read_v4(struct bpf_sock_addr *ctx, struct culvert_endpoint *to)
{
	set_v4(to->ip, ctx->user_ip4);
	to->port = ctx->user_port;
	to->pad = 0;
}

static __always_inline void read_v6(struct bpf_sock_addr *ctx, struct culvert_endpoint *to)
{
	to->ip[0] = CONTEXT(ctx->user_ip6[0]);
	to->ip[1] = CONTEXT(ctx->user_ip6[1]);
	to->ip[2] = CONTEXT(ctx->user_ip6[2]);
	to->ip[3] = CONTEXT(ctx->user_ip6[3]);
	to->port = ctx->user_port;
	to->pad = 0;
}

/* An AF_INET name can only carry IPv4: anything else stays as it is. */
static __always_inline void write_v4(struct bpf_sock_addr *ctx, const __be32 ip[4], __be16 port)
{
	if (!is_v4(ip))
		return;
	ctx->user_ip4 = ip[3];
	ctx->user_port = port;
}

static __always_inline void write_v6(struct bpf_sock_addr *ctx, const __be32 ip[4], __be16 port)
{
	CONTEXT(ctx->user_ip6[0]) = ip[0];
	CONTEXT(ctx->user_ip6[1]) = ip[1];
	CONTEXT(ctx->user_ip6[2]) = ip[2];
	CONTEXT(ctx->user_ip6[3]) = ip[3];
	ctx->user_port = port;
}

/* Both ends as this socket sees them. IPv4 on an IPv6 socket is read as IPv4: its IPv6 names may not be set yet. */
static __always_inline void read_ends(struct bpf_sock_ops *ctx, struct culvert_endpoint *local,
				      struct culvert_endpoint *remote)
{
	remote->ip[0] = CONTEXT(ctx->remote_ip6[0]);
	remote->ip[1] = CONTEXT(ctx->remote_ip6[1]);
	remote->ip[2] = CONTEXT(ctx->remote_ip6[2]);
	remote->ip[3] = CONTEXT(ctx->remote_ip6[3]);
	if (ctx->family == AF_INET6 && !is_v4(remote->ip)) {
		local->ip[0] = CONTEXT(ctx->local_ip6[0]);
		local->ip[1] = CONTEXT(ctx->local_ip6[1]);
		local->ip[2] = CONTEXT(ctx->local_ip6[2]);
		local->ip[3] = CONTEXT(ctx->local_ip6[3]);
	} else {
		set_v4(local->ip, ctx->local_ip4);
		set_v4(remote->ip, ctx->remote_ip4);
	}
	local->port = bpf_htons(ctx->local_port);
	local->pad = 0;
	remote->port = ctx->remote_port >> 16; /* kept in the upper half, in network order */
	remote->pad = 0;
}

#endif
