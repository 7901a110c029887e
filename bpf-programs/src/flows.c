// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Connections of granted pairs: recorded with the first SYN, so that exactly they get in at the other end, and
 * reported when they are over.
 */

/* The part of the kernel's types that is read, placed by CO-RE; every socket begins with it. */
struct sock_common {
	unsigned long skc_flags;
} __attribute__((preserve_access_index));

/* enum sock_flags: the peer's FIN was received. */
#define SOCK_DONE 1

/*
 * Always recorded, also what must not get in: what is not in the map would reach the proxy as a stranger's. The
 * decision was made for the pod's own address, so a socket bound to another one must not use it. Tells the namespace at
 * the other end; 0: unknown.
 */
static __always_inline __u64 record_flow(struct bpf_sock_ops *ctx, struct bpf_sock *sk,
					const struct culvert_handover *key, const struct culvert_pod *pod)
{
	struct direct *direct = bpf_sk_storage_get(&directs, sk, 0, 0);
	struct flow flow = { .source_netns = key->netns };
	__be32 own[4];

	if (direct) {
		direct->started = bpf_ktime_get_ns();
		flow.generation = direct->generation;
		flow.destination_netns = direct->destination_netns;
	}
	if (!set_pod_address(own, key->connection.destination.ip, pod) || !is_same(own, key->connection.source.ip) ||
	    !(pod->flags & CULVERT_POD_CAPTURE))
		flow.generation = 0;
	/* Without the later callback the entry could not be removed, nor the connection reported. */
	if (bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG))
		flow.generation = 0;
	bpf_map_update_elem(&flows, &key->connection, &flow, BPF_ANY);
	return flow.destination_netns;
}

static __always_inline void lose_report(void)
{
	__u32 only = 0;
	__u64 *losses = bpf_map_lookup_elem(&flow_losses, &only);

	if (losses)
		__sync_fetch_and_add(losses, 1);
}

/* Whether the own FIN was acknowledged, by the state in which the connection ended. */
static __always_inline bool is_fin_acked(__u32 state)
{
	return state == BPF_TCP_FIN_WAIT2 || state == BPF_TCP_LAST_ACK || state == BPF_TCP_CLOSING ||
	       state == BPF_TCP_TIME_WAIT;
}

static __always_inline bool is_fin_received(struct bpf_sock *sk)
{
	struct sock_common *common = (struct sock_common *)bpf_skc_to_tcp_sock(sk);

	return common && common->skc_flags & (1UL << SOCK_DONE);
}

/* The counters include SYN and FIN, which the application did not send. */
static __always_inline __u64 less(__u64 count, __u64 by)
{
	return count > by ? count - by : 0;
}

static __always_inline void end_flow(struct bpf_sock_ops *ctx, struct bpf_sock *sk)
{
	struct socket_state *state = state_of(sk);
	struct direct *direct = bpf_sk_storage_get(&directs, sk, 0, 0);
	struct culvert_flow_report report = {};
	__u32 was = ctx->args[0];

	if (!state || !direct || !(state->flags & SOCKET_DIRECT))
		return;
	read_ends(ctx, &report.connection.source, &report.connection.destination);
	bpf_map_delete_elem(&flows, &report.connection);
	report.source_netns = bpf_get_netns_cookie(ctx);
	report.destination_netns = direct->destination_netns;
	report.asked = state->original;
	report.started = direct->started;
	report.ended = bpf_ktime_get_ns();
	if (was != BPF_TCP_SYN_SENT) {
		report.flags = CULVERT_FLOW_OPENED;
		report.sent = less(ctx->bytes_acked, is_fin_acked(was) ? 2 : 1);
		report.received = less(ctx->bytes_received, is_fin_received(sk) ? 1 : 0);
	}
	state->flags &= ~SOCKET_DIRECT;
	if (bpf_map_push_elem(&flow_reports, &report, 0))
		lose_report();
}
