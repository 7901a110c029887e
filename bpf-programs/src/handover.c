// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * From the socket that connects to the socket that accepts, both in one pod. The first SYN publishes under the
 * connection's own four addresses and ports; the accepted socket takes it, once.
 */

/*
 * Nothing of an earlier connection with the same ends may be left for this one to be mistaken for, so what is not
 * published is deleted: an application that connects to the proxy directly has no original destination.
 */
static __always_inline void publish(void *map, const struct culvert_handover *key, const struct culvert_endpoint *value)
{
	if (value)
		bpf_map_update_elem(map, key, value, BPF_ANY);
	else
		bpf_map_delete_elem(map, key);
}

static __always_inline void hand_over(struct bpf_sock_ops *ctx, struct bpf_sock *sk, __u64 netns,
				      const struct culvert_pod *pod)
{
	struct socket_state *state = state_of(sk);
	struct culvert_handover key = { .netns = netns };
	__u32 flags = state ? state->flags : 0;
	__u64 other;

	read_ends(ctx, &key.connection.source, &key.connection.destination);
	if (flags & SOCKET_DIRECT) {
		other = record_flow(ctx, sk, &key, pod);
		if (other && other != netns)
			return; /* it ends in another pod, and nobody takes there what is published here */
	}
	publish(&originals, &key, state && (flags & SOCKET_ASKED) ? &state->original : NULL);
	publish(&presents, &key, state && (flags & SOCKET_PRESENTS) ? &state->peer : NULL);
}

/* Deleting is taking: of two that found it only one has it. */
static __always_inline bool take(void *map, const struct culvert_handover *key, struct culvert_endpoint *to)
{
	struct culvert_endpoint *found = bpf_map_lookup_elem(map, key);

	if (!found)
		return false;
	*to = *found;
	return bpf_map_delete_elem(map, key) == 0;
}

static __always_inline void take_original(struct bpf_sock *sk, const struct culvert_handover *key,
					  const struct culvert_pod *pod)
{
	struct culvert_endpoint original;
	struct socket_state *state;

	if (!take(&originals, key, &original))
		return;
	state = new_state_of(sk);
	if (!state)
		return; /* the proxy finds no original destination and refuses the connection */
	state->original = original;
	set_pod_address(state->own, original.ip, pod);
	state->flags = SOCKET_TAKEN;
}

static __always_inline void take_peer(struct bpf_sock *sk, const struct culvert_handover *key)
{
	struct culvert_endpoint peer;
	struct socket_state *state;

	if (!take(&presents, key, &peer))
		return;
	state = new_state_of(sk);
	if (!state)
		return;
	state->peer = peer;
	state->flags = SOCKET_PRESENTED;
}

/* An accepted socket has its listener's mark: what an application accepts on 15001 gets nothing. */
static __always_inline void take_over(struct bpf_sock_ops *ctx, struct bpf_sock *sk, __u64 netns,
				      const struct culvert_pod *pod)
{
	struct culvert_handover key = { .netns = netns };

	read_ends(ctx, &key.connection.destination, &key.connection.source);
	if (!is_marked(sk)) {
		/* Only a proxy's connection has a peer to present, and that is no flow. */
		if (bpf_map_delete_elem(&flows, &key.connection))
			take_peer(sk, &key);
	} else if (ctx->local_port == CULVERT_PORT_OUTBOUND)
		take_original(sk, &key, pod);
}

static __always_inline long enter(struct bpf_sock_ops *ctx, void *even, void *odd, bool is_odd,
				  struct culvert_address *address, __u64 flags)
{
	return is_odd ? bpf_sock_hash_update(ctx, odd, address, flags) :
			bpf_sock_hash_update(ctx, even, address, flags);
}

/* Three listeners of a proxy may begin at once: the entry stays in its place, and each changes its own bit. */
static __always_inline __u32 *turns_of(const struct culvert_address *address)
{
	__u32 *known = bpf_map_lookup_elem(&turns, address);
	__u32 none = 0;

	if (known)
		return known;
	bpf_map_update_elem(&turns, address, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&turns, address);
}

/*
 * Next to the one that was the newest until now, which takes over again should this one die first. A place that is
 * free is the better one: only of two that live the older gives way. Tells whether it is in the odd map.
 */
static __always_inline bool register_at(struct bpf_sock_ops *ctx, void *even, void *odd, __u32 bit,
					struct culvert_address *address)
{
	__u32 *turn = turns_of(address);
	bool is_odd = !turn || !(*turn & bit);

	if (enter(ctx, even, odd, is_odd, address, BPF_NOEXIST)) {
		if (enter(ctx, even, odd, !is_odd, address, BPF_NOEXIST) == 0)
			return !is_odd; /* the newest had died */
		enter(ctx, even, odd, is_odd, address, BPF_ANY);
	}
	if (turn)
		__sync_fetch_and_xor(turn, bit);
	return is_odd;
}

static __always_inline void register_for(struct bpf_sock_ops *ctx, struct bpf_sock *sk, void *even, void *odd,
					 __u32 bit, const struct culvert_pod *pod)
{
	struct socket_state *state = new_state_of(sk);
	struct culvert_address address;
	__u32 flags = SOCKET_REGISTERED;

	set_v4(address.ip, pod->ip4);
	if (pod->ip4 && register_at(ctx, even, odd, bit, &address))
		flags |= SOCKET_ODD_V4;
	set_ip(address.ip, pod->ip6);
	if (ctx->family == AF_INET6 && !is_unspecified(address.ip) && register_at(ctx, even, odd, bit, &address))
		flags |= SOCKET_ODD_V6;
	if (state)
		state->flags = flags;
}

/* The newest marked listener takes what is steered to its port; the entry goes when it closes. */
static __always_inline void register_listener(struct bpf_sock_ops *ctx, struct bpf_sock *sk,
					      const struct culvert_pod *pod)
{
	if (!is_marked(sk))
		return;
	if (ctx->local_port == CULVERT_PORT_OUTBOUND)
		register_for(ctx, sk, &outbounds, &other_outbounds, OTHER_OUTBOUND, pod);
	else if (ctx->local_port == CULVERT_PORT_INBOUND)
		register_for(ctx, sk, &listeners, &other_listeners, OTHER_LISTENER, pod);
	else if (ctx->local_port == CULVERT_PORT_HBONE)
		register_for(ctx, sk, &tunnels, &other_tunnels, OTHER_TUNNEL, pod);
}

SEC("sockops")
int handover(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk;
	struct culvert_pod *pod;
	__u64 netns;

	if (ctx->op == BPF_SOCK_OPS_STATE_CB) {
		if (ctx->args[1] == BPF_TCP_CLOSE && ctx->sk)
			end_flow(ctx, ctx->sk);
		return 1;
	}
	if (ctx->op != BPF_SOCK_OPS_TCP_CONNECT_CB && ctx->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB &&
	    ctx->op != BPF_SOCK_OPS_TCP_LISTEN_CB)
		return 1;
	netns = bpf_get_netns_cookie(ctx);
	pod = bpf_map_lookup_elem(&pods, &netns);
	sk = ctx->sk;
	if (!pod || !sk)
		return 1;
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		hand_over(ctx, sk, netns, pod);
	else if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		take_over(ctx, sk, netns, pod);
	else
		register_listener(ctx, sk, pod);
	return 1;
}
