// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * DNS from a socket that is not connected: each datagram to port 53 goes to the proxy's resolver, and its answer
 * appears to come from the resolver that was asked last. A datagram from an IPv6 socket to an IPv4-mapped address
 * comes through sendmsg4, its answer through recvmsg6.
 *
 * The proxy's resolver sees the query come from the address of the resolver that was asked, with the application's own
 * port, and what it sends there reaches the application. One bound to an address of its pod is seen as it is.
 */

static __always_inline int divert_datagram(struct bpf_sock_addr *ctx, struct culvert_endpoint *asked)
{
	struct socket_state *state;

	if (asked->port != bpf_htons(53) || !captured_pod(ctx) || !is_ours_to_take(ctx, asked))
		return PASS;
	state = new_state_of(ctx->sk);
	if (!state)
		return REFUSE;
	state->peer = *asked;
	state->flags |= SOCKET_RESOLVES;
	set_loopback(asked->ip, state->peer.ip);
	asked->port = bpf_htons(CULVERT_PORT_DNS);
	return DIVERT;
}

/* The resolver that this socket believes to talk to, if the datagram came from the proxy's; else NULL. */
static __always_inline struct culvert_endpoint *resolver(struct bpf_sock_addr *ctx, const struct culvert_endpoint *from)
{
	struct socket_state *state = state_of(ctx->sk);

	if (!state || from->port != bpf_htons(CULVERT_PORT_DNS) || !is_loopback(from->ip))
		return NULL;
	if (state->flags & SOCKET_RESOLVES)
		return &state->peer;
	return state->flags & SOCKET_ASKED ? &state->original : NULL;
}

static __always_inline bool is_proxys_resolver(struct bpf_sock *sk)
{
	return is_marked(sk) && sk->src_port == CULVERT_PORT_DNS;
}

/*
 * The application's socket that a datagram from the proxy's resolver would reach at this address, or NULL; to be
 * released.
 */
static __always_inline struct bpf_sock *receiver(struct bpf_sock_addr *ctx, const struct culvert_endpoint *at)
{
	struct bpf_sock_tuple ends = {};
	__be32 own[4];

	set_loopback(own, at->ip);
	if (is_v4(at->ip)) {
		ends.ipv4.saddr = own[3];
		ends.ipv4.sport = bpf_htons(CULVERT_PORT_DNS);
		ends.ipv4.daddr = at->ip[3];
		ends.ipv4.dport = at->port;
		return bpf_sk_lookup_udp(ctx, &ends, sizeof(ends.ipv4), BPF_F_CURRENT_NETNS, 0);
	}
	set_ip(ends.ipv6.saddr, own);
	ends.ipv6.sport = bpf_htons(CULVERT_PORT_DNS);
	set_ip(ends.ipv6.daddr, at->ip);
	ends.ipv6.dport = at->port;
	return bpf_sk_lookup_udp(ctx, &ends, sizeof(ends.ipv6), BPF_F_CURRENT_NETNS, 0);
}

/* Whether `to` now is whom the application at `from` asked. */
static __always_inline bool asked_by(struct bpf_sock_addr *ctx, const struct culvert_endpoint *from,
				     struct culvert_endpoint *to)
{
	struct socket_state *state;
	struct bpf_sock *sk;
	bool known = false;

	if (!is_loopback(from->ip))
		return false;
	sk = receiver(ctx, from);
	if (!sk)
		return false;
	state = state_of(sk);
	if (state && (state->flags & SOCKET_RESOLVES)) {
		*to = state->peer;
		known = true;
	} else if (state && (state->flags & SOCKET_ASKED)) {
		*to = state->original;
		known = true;
	}
	bpf_sk_release(sk);
	to->port = from->port;
	return known && is_v4(from->ip) == is_v4(to->ip);
}

/* An answer to whom asked_by() named goes to loopback, where the application is. */
static __always_inline bool answer_to_loopback(struct bpf_sock_addr *ctx, struct culvert_endpoint *to)
{
	struct bpf_sock *sk;
	bool bound;

	if (!is_proxys_resolver(ctx->sk) || is_loopback(to->ip))
		return false;
	sk = receiver(ctx, to);
	bound = sk && is_bound_to(sk, to->ip);
	if (sk)
		bpf_sk_release(sk);
	if (bound)
		return false;
	set_loopback(to->ip, to->ip);
	return true;
}

SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint asked;
	int verdict;

	read_v4(ctx, &asked);
	verdict = answer_to_loopback(ctx, &asked) ? DIVERT : divert_datagram(ctx, &asked);
	if (verdict == DIVERT)
		write_v4(ctx, asked.ip, asked.port);
	return verdict != REFUSE;
}

SEC("cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint asked;
	int verdict;

	read_v6(ctx, &asked);
	verdict = answer_to_loopback(ctx, &asked) ? DIVERT : divert_datagram(ctx, &asked);
	if (verdict == DIVERT)
		write_v6(ctx, asked.ip, asked.port);
	return verdict != REFUSE;
}

SEC("cgroup/recvmsg4")
int recvmsg4(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint from, named, *asked;

	read_v4(ctx, &from);
	if (is_proxys_resolver(ctx->sk)) {
		if (asked_by(ctx, &from, &named))
			write_v4(ctx, named.ip, named.port);
		return 1;
	}
	asked = resolver(ctx, &from);
	if (asked)
		write_v4(ctx, asked->ip, asked->port);
	return 1;
}

SEC("cgroup/recvmsg6")
int recvmsg6(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint from, named, *asked;

	read_v6(ctx, &from);
	if (is_proxys_resolver(ctx->sk)) {
		if (asked_by(ctx, &from, &named))
			write_v6(ctx, named.ip, named.port);
		return 1;
	}
	asked = resolver(ctx, &from);
	if (asked)
		write_v6(ctx, asked->ip, asked->port);
	return 1;
}
