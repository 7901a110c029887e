// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * An application of a captured pod connects: TCP goes straight to the other pod where the pair was granted
 * (pairs.c), else to the proxy's outbound port at the pod's own address, by which steer.c finds the newest proxy; DNS
 * over UDP goes to its resolver on loopback. The proxy's own sockets carry the mark and pass.
 */

enum { PASS, DIVERT, REFUSE };

static __always_inline struct culvert_pod *captured_pod(struct bpf_sock_addr *ctx)
{
	__u64 netns = bpf_get_netns_cookie(ctx);
	struct culvert_pod *pod = bpf_map_lookup_elem(&pods, &netns);

	return pod && (pod->flags & CULVERT_POD_CAPTURE) ? pod : NULL;
}

static __always_inline bool is_ours_to_take(struct bpf_sock_addr *ctx, const struct culvert_endpoint *asked)
{
	return !is_marked(ctx->sk) && !is_loopback(asked->ip) && !is_unspecified(asked->ip) &&
	       !is_link_local_v6(asked->ip);
}

/* The proxy's port for this protocol and destination port, in network order; 0: not captured. */
static __always_inline __be16 proxy_port(struct bpf_sock_addr *ctx, const struct culvert_endpoint *asked)
{
	if (ctx->protocol == IPPROTO_TCP)
		return bpf_htons(CULVERT_PORT_OUTBOUND);
	if (ctx->protocol == IPPROTO_UDP && asked->port == bpf_htons(53))
		return bpf_htons(CULVERT_PORT_DNS);
	return 0;
}

/*
 * A socket that is bound to another address, loopback for one, is not sent to the pod's: what comes there from another
 * address is taken for a connection from outside.
 */
static __always_inline bool may_be_at(struct bpf_sock *sk, const __be32 ip[4])
{
	const __be32 unbound[4] = { 0, 0, is_v4(ip) ? V4_PREFIX : 0, 0 };

	return is_bound_to(sk, unbound) || is_bound_to(sk, ip);
}

/*
 * A socket may connect again, elsewhere, after a failure or a disconnect. What it asked for before is forgotten
 * first: otherwise a direct connect to the proxy would carry the old destination with it.
 */
static __always_inline void forget(struct bpf_sock_addr *ctx)
{
	struct socket_state *state = state_of(ctx->sk);

	if (state)
		state->flags &= ~(SOCKET_ASKED | SOCKET_RESOLVES | SOCKET_DIRECT);
}

/* On DIVERT `asked` holds what to connect to instead. */
static __always_inline int divert(struct bpf_sock_addr *ctx, struct culvert_endpoint *asked)
{
	struct socket_state *state;
	struct culvert_pod *pod;
	__be16 port;

	forget(ctx);
	pod = captured_pod(ctx);
	if (!pod || !is_ours_to_take(ctx, asked))
		return PASS;
	port = proxy_port(ctx, asked);
	if (!port)
		return PASS;
	state = new_state_of(ctx->sk);
	if (!state)
		return REFUSE; /* no memory: fail closed */
	state->original = *asked;
	if (ctx->protocol == IPPROTO_TCP && asked->port != bpf_htons(53) && find_direct(ctx, state, asked))
		return DIVERT;
	state->flags |= SOCKET_ASKED;
	asked->port = port;
	if (set_pod_address(state->own, asked->ip, pod) && ctx->protocol == IPPROTO_TCP &&
	    may_be_at(ctx->sk, state->own))
		set_ip(asked->ip, state->own);
	else
		set_loopback(asked->ip, state->original.ip);
	return DIVERT;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint asked;
	int verdict;

	read_v4(ctx, &asked);
	verdict = divert(ctx, &asked);
	if (verdict == DIVERT)
		write_v4(ctx, asked.ip, asked.port);
	return verdict != REFUSE;
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint asked;
	int verdict;

	read_v6(ctx, &asked);
	verdict = divert(ctx, &asked);
	if (verdict == DIVERT)
		write_v6(ctx, asked.ip, asked.port);
	return verdict != REFUSE;
}
