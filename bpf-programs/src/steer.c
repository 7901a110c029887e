// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * New TCP arrives in an enrolled pod's namespace: a tunnel goes to the proxy's listener on 15008, all else to the one
 * on 15006 whatever its port, or nowhere; what the pod's own applications open goes to the one on 15001.
 * bpf_get_netns_cookie does not exist here, so the pod is known by the address that was dialled.
 */

static __always_inline void read_packet(struct bpf_sk_lookup *ctx, struct culvert_connection *to)
{
	if (ctx->family == AF_INET) {
		set_v4(to->source.ip, ctx->remote_ip4);
		set_v4(to->destination.ip, ctx->local_ip4);
	} else {
		to->source.ip[0] = CONTEXT(ctx->remote_ip6[0]);
		to->source.ip[1] = CONTEXT(ctx->remote_ip6[1]);
		to->source.ip[2] = CONTEXT(ctx->remote_ip6[2]);
		to->source.ip[3] = CONTEXT(ctx->remote_ip6[3]);
		to->destination.ip[0] = CONTEXT(ctx->local_ip6[0]);
		to->destination.ip[1] = CONTEXT(ctx->local_ip6[1]);
		to->destination.ip[2] = CONTEXT(ctx->local_ip6[2]);
		to->destination.ip[3] = CONTEXT(ctx->local_ip6[3]);
	}
	to->source.port = ctx->remote_port;
	to->source.pad = 0;
	to->destination.port = bpf_htons(ctx->local_port);
	to->destination.pad = 0;
}

/* Exactly this one, not others that share the port: an older proxy is emptying its queue. */
static __always_inline bool assigned(struct bpf_sk_lookup *ctx, void *map, const struct culvert_address *address)
{
	struct bpf_sock *listener = bpf_map_lookup_elem(map, address);
	long error;

	if (!listener)
		return false;
	error = bpf_sk_assign(ctx, listener, BPF_SK_LOOKUP_F_NO_REUSEPORT);
	bpf_sk_release(listener);
	return error == 0;
}

/* To the newest, else to the one that was there before it. */
static __always_inline bool is_taken(struct bpf_sk_lookup *ctx, void *even, void *odd, __u32 bit,
				     const struct culvert_address *address)
{
	__u32 *known = bpf_map_lookup_elem(&turns, address);
	bool is_odd = known && (*known & bit);

	if (is_odd && assigned(ctx, odd, address))
		return true;
	if (assigned(ctx, even, address))
		return true;
	return !is_odd && assigned(ctx, odd, address);
}

/* Where none has registered the kernel looks for itself: a proxy may be older than this program. */
static __always_inline int from_application(struct bpf_sk_lookup *ctx, const struct culvert_address *own)
{
	if (ctx->local_port == CULVERT_PORT_OUTBOUND)
		is_taken(ctx, &outbounds, &other_outbounds, OTHER_OUTBOUND, own);
	return SK_PASS;
}

/* Without a proxy nowhere: fail closed. */
static __always_inline int to_listener(struct bpf_sk_lookup *ctx, const struct culvert_address *dialled)
{
	return is_taken(ctx, &listeners, &other_listeners, OTHER_LISTENER, dialled) ? SK_PASS : SK_DROP;
}

static __always_inline int to_tunnel(struct bpf_sk_lookup *ctx, const struct culvert_address *dialled)
{
	return is_taken(ctx, &tunnels, &other_tunnels, OTHER_TUNNEL, dialled) ? SK_PASS : SK_DROP;
}

SEC("sk_lookup")
int steer(struct bpf_sk_lookup *ctx)
{
	struct culvert_connection packet;
	struct culvert_address dialled;
	struct flow *flow;
	__u64 *netns;

	if (ctx->protocol != IPPROTO_TCP)
		return SK_PASS;
	read_packet(ctx, &packet);
	set_ip(dialled.ip, packet.destination.ip);
	/* The pod to itself, and the proxy to the application. The interface says nothing: it is not lo for these. */
	if (is_same(packet.source.ip, packet.destination.ip))
		return from_application(ctx, &dialled);
	/* Nobody can be authorized at a link-local address, which many pods have in common. */
	if (is_link_local_v6(packet.destination.ip))
		return SK_DROP;
	netns = bpf_map_lookup_elem(&pod_addresses, &dialled);
	if (!netns)
		return SK_PASS;
	/* To the proxy's own listener, or an application could take plaintext there, past every policy. */
	if (ctx->local_port == CULVERT_PORT_HBONE)
		return to_tunnel(ctx, &dialled);
	flow = bpf_map_lookup_elem(&flows, &packet);
	if (flow)
		return may_enter(flow, *netns) ? SK_PASS : SK_DROP;
	if (bpf_map_lookup_elem(&probes, &packet))
		return SK_PASS;
	return to_listener(ctx, &dialled);
}
