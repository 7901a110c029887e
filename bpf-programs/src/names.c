// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What a socket is told about its two ends. The application sees the destination that it asked for, its pod's own
 * address and, on what it accepted, the true client (accept(2) comes through getpeername); the proxy sees the pod, and
 * not loopback, as the peer of what it captured.
 */

static __always_inline bool replace_loopback(struct culvert_endpoint *name, const struct socket_state *state)
{
	if (!is_loopback(name->ip) || is_unspecified(state->own) || is_v4(name->ip) != is_v4(state->own))
		return false;
	set_ip(name->ip, state->own);
	return true;
}

static __always_inline bool peer_name(struct bpf_sock_addr *ctx, struct culvert_endpoint *name)
{
	struct socket_state *state = state_of(ctx->sk);

	if (!state)
		return false;
	if (state->flags & (SOCKET_ASKED | SOCKET_DIRECT))
		*name = state->original;
	else if (state->flags & SOCKET_PRESENTED)
		*name = state->peer;
	else if (state->flags & SOCKET_TAKEN)
		return replace_loopback(name, state);
	else
		return false;
	return true;
}

/* The proxy's own local name stays: 127.0.0.1:15001 is what it listens on. */
static __always_inline bool own_name(struct bpf_sock_addr *ctx, struct culvert_endpoint *name)
{
	struct socket_state *state = state_of(ctx->sk);

	return state && (state->flags & SOCKET_ASKED) && replace_loopback(name, state);
}

SEC("cgroup/getpeername4")
int getpeername4(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint name;

	read_v4(ctx, &name);
	if (peer_name(ctx, &name))
		write_v4(ctx, name.ip, name.port);
	return 1;
}

SEC("cgroup/getpeername6")
int getpeername6(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint name;

	read_v6(ctx, &name);
	if (peer_name(ctx, &name))
		write_v6(ctx, name.ip, name.port);
	return 1;
}

SEC("cgroup/getsockname4")
int getsockname4(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint name;

	read_v4(ctx, &name);
	if (own_name(ctx, &name))
		write_v4(ctx, name.ip, name.port);
	return 1;
}

SEC("cgroup/getsockname6")
int getsockname6(struct bpf_sock_addr *ctx)
{
	struct culvert_endpoint name;

	read_v6(ctx, &name);
	if (own_name(ctx, &name))
		write_v6(ctx, name.ip, name.port);
	return 1;
}
