// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * DNS from a socket that is not connected: each datagram to port 53 goes to the proxy's resolver, and its answer
 * appears to come from the resolver that was asked last. A datagram from an IPv6 socket to an IPv4-mapped address
 * comes through sendmsg4, its answer through recvmsg6.
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

SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint asked;
	int verdict;

	read_v4(ctx, &asked);
	verdict = divert_datagram(ctx, &asked);
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
	verdict = divert_datagram(ctx, &asked);
	if (verdict == DIVERT)
		write_v6(ctx, asked.ip, asked.port);
	return verdict != REFUSE;
}

SEC("cgroup/recvmsg4")
int recvmsg4(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint from, *asked;

	read_v4(ctx, &from);
	asked = resolver(ctx, &from);
	if (asked)
		write_v4(ctx, asked->ip, asked->port);
	return 1;
}

SEC("cgroup/recvmsg6")
int recvmsg6(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint from, *asked;

	read_v6(ctx, &from);
	asked = resolver(ctx, &from);
	if (asked)
		write_v6(ctx, asked->ip, asked->port);
	return 1;
}
