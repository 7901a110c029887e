// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The proxy's side of the contract: it asks where a connection was going and says whom the application shall see.
 * Both hooks see every socket option of the node, so what is not ours leaves at once.
 */

/*
 * The kernel shows a program one page of the option; a length beyond it that is left as it came fails with EFAULT
 * before Linux 6.5. 0 means: use what user space gave.
 */
#define VISIBLE_OPTION 4096

static __always_inline int not_ours(struct bpf_sockopt *ctx)
{
	if (ctx->optlen > VISIBLE_OPTION)
		ctx->optlen = 0;
	return 1;
}

/* What netfilter's REDIRECT would have noted, or the own address where the port was kept (inbound). */
static __always_inline bool original_of(struct bpf_sockopt *ctx, struct bpf_sock *sk, struct culvert_endpoint *to)
{
	struct socket_state *state = state_of(sk);
	__u64 netns;

	if (state && (state->flags & SOCKET_TAKEN)) {
		*to = state->original;
		return true;
	}
	netns = bpf_get_netns_cookie(ctx);
	if (sk->dst_port == 0 || sk->src_port == CULVERT_PORT_OUTBOUND || !bpf_map_lookup_elem(&pods, &netns))
		return false;
	if (sk->family == AF_INET6) {
		to->ip[0] = CONTEXT(sk->src_ip6[0]);
		to->ip[1] = CONTEXT(sk->src_ip6[1]);
		to->ip[2] = CONTEXT(sk->src_ip6[2]);
		to->ip[3] = CONTEXT(sk->src_ip6[3]);
	} else {
		set_v4(to->ip, sk->src_ip4);
	}
	to->port = bpf_htons(sk->src_port);
	return true;
}

/* Between the two stores stands a barrier: merged into one, the verifier refuses them. */
static __always_inline int answered(struct bpf_sockopt *ctx, int length)
{
	ctx->optlen = length;
	barrier();
	ctx->retval = 0;
	return 1;
}

static __always_inline int answer_v4(struct bpf_sockopt *ctx, const struct culvert_endpoint *original)
{
	struct sockaddr_in *name = ctx->optval;

	if ((void *)(name + 1) > ctx->optval_end)
		return not_ours(ctx);
	__builtin_memset(name, 0, sizeof(*name));
	name->sin_family = AF_INET;
	name->sin_port = original->port;
	name->sin_addr.s_addr = original->ip[3];
	return answered(ctx, sizeof(*name));
}

static __always_inline int answer_v6(struct bpf_sockopt *ctx, const struct culvert_endpoint *original)
{
	struct sockaddr_in6 *name = ctx->optval;

	if ((void *)(name + 1) > ctx->optval_end)
		return not_ours(ctx);
	__builtin_memset(name, 0, sizeof(*name));
	name->sin6_family = AF_INET6;
	name->sin6_port = original->port;
	set_ip(name->sin6_addr.in6_u.u6_addr32, original->ip);
	return answered(ctx, sizeof(*name));
}

/* IPv4 is answered at SOL_IP also on an IPv6 socket, IPv6 only at SOL_IPV6: one of the two always says ENOENT. */
SEC("cgroup/getsockopt")
int getsockopt(struct bpf_sockopt *ctx)
{
	struct culvert_endpoint original;
	struct bpf_sock *sk = ctx->sk;

	if (ctx->optname != CULVERT_SO_ORIGINAL_DST || (ctx->level != IPPROTO_IP && ctx->level != IPPROTO_IPV6))
		return not_ours(ctx);
	if (!sk || !is_marked(sk) || !original_of(ctx, sk, &original))
		return not_ours(ctx);
	if (is_v4(original.ip) != (ctx->level == IPPROTO_IP))
		return not_ours(ctx);
	return ctx->level == IPPROTO_IP ? answer_v4(ctx, &original) : answer_v6(ctx, &original);
}

static __always_inline bool read_name(struct bpf_sockopt *ctx, struct culvert_endpoint *to)
{
	struct sockaddr_in *v4 = ctx->optval;
	struct sockaddr_in6 *v6 = ctx->optval;

	if ((void *)(v4 + 1) > ctx->optval_end)
		return false;
	to->port = v4->sin_port;
	to->pad = 0;
	if (v4->sin_family == AF_INET) {
		set_v4(to->ip, v4->sin_addr.s_addr);
		return true;
	}
	if (v4->sin_family != AF_INET6 || (void *)(v6 + 1) > ctx->optval_end)
		return false;
	set_ip(to->ip, v6->sin6_addr.in6_u.u6_addr32);
	return true;
}

/* 0 is EPERM to the caller. */
static __always_inline int present_peer(struct bpf_sockopt *ctx, struct bpf_sock *sk)
{
	struct culvert_endpoint peer;
	struct socket_state *state;

	if (!is_marked(sk) || !read_name(ctx, &peer))
		return 0;
	state = new_state_of(sk);
	if (!state)
		return 0;
	state->peer = peer;
	state->flags |= SOCKET_PRESENTS;
	ctx->optlen = -1; /* done: the kernel does not know this option */
	return 1;
}

/* Where the turn is another's already nothing changes. */
static __always_inline void give_way(const __be32 ip[4], __u32 bit, bool is_odd)
{
	struct culvert_address address;
	__u32 *turn;

	set_ip(address.ip, ip);
	turn = bpf_map_lookup_elem(&turns, &address);
	if (turn && ((*turn & bit) != 0) == is_odd)
		__sync_fetch_and_xor(turn, bit);
}

static __always_inline __u32 turn_of(struct bpf_sock *sk)
{
	if (sk->src_port == CULVERT_PORT_OUTBOUND)
		return OTHER_OUTBOUND;
	return sk->src_port == CULVERT_PORT_HBONE ? OTHER_TUNNEL : OTHER_LISTENER;
}

/*
 * A listener is about to close. Should it be the newest, the other one of its port gets what is new from now on; where
 * there is no other, this one does, as before.
 */
static __always_inline int step_back(struct bpf_sockopt *ctx, struct bpf_sock *sk)
{
	struct socket_state *state = is_marked(sk) ? state_of(sk) : NULL;
	__u64 netns = bpf_get_netns_cookie(ctx);
	struct culvert_pod *pod = bpf_map_lookup_elem(&pods, &netns);
	__u32 bit = turn_of(sk);
	__be32 ip4[4];

	if (!pod || !state || !(state->flags & SOCKET_REGISTERED))
		return 0;
	set_v4(ip4, pod->ip4);
	give_way(ip4, bit, state->flags & SOCKET_ODD_V4);
	give_way(pod->ip6, bit, state->flags & SOCKET_ODD_V6);
	ctx->optlen = -1;
	return 1;
}

/* The part of the kernel's types that is read, placed by CO-RE. */
struct capabilities___any {
	__u32 cap[2];
} __attribute__((preserve_access_index));

struct cred {
	struct capabilities___any cap_effective;
} __attribute__((preserve_access_index));

struct task_struct {
	const struct cred *cred;
} __attribute__((preserve_access_index));

#define CAP_NET_ADMIN 12

static __always_inline bool is_net_admin(void)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	const __u32 *effective = (const void *)&task->cred->cap_effective;

	return *effective & (1U << CAP_NET_ADMIN);
}

/*
 * Since Linux 5.17 CAP_NET_RAW, which container runtimes grant by default, is enough for SO_MARK; a container must
 * not leave the mesh with it. An option longer than a page would be read again from the caller's memory: refused.
 */
static __always_inline int guard_mark(struct bpf_sockopt *ctx)
{
	__u32 *mark = ctx->optval;

	if (ctx->optlen > VISIBLE_OPTION)
		return 0;
	if ((void *)(mark + 1) > ctx->optval_end || *mark != CULVERT_MARK)
		return 1;
	return is_net_admin();
}

SEC("cgroup/setsockopt")
int setsockopt(struct bpf_sockopt *ctx)
{
	if (ctx->level == SOL_SOCKET && ctx->optname == SO_MARK)
		return guard_mark(ctx);
	if (ctx->level == IPPROTO_IP && ctx->optname == CULVERT_PRESENT_PEER && ctx->sk)
		return present_peer(ctx, ctx->sk);
	if (ctx->level == IPPROTO_IP && ctx->optname == CULVERT_STEP_BACK && ctx->sk)
		return step_back(ctx, ctx->sk);
	return not_ours(ctx);
}
