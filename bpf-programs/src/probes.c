// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Attached to the kubelet's cgroup only: what it opens to a pod of this node is noted, address by address and port by
 * port, from its first SYN to its close. A source address alone never opens a pod.
 */

static __always_inline void note_probe(struct bpf_sock_ops *ctx)
{
	struct culvert_connection probe;
	struct culvert_address pod;
	__u32 present = 1;

	read_ends(ctx, &probe.source, &probe.destination);
	set_ip(pod.ip, probe.destination.ip);
	if (!bpf_map_lookup_elem(&pod_addresses, &pod))
		return;
	/* Without the later callback the entry could not be removed: then the probe is treated as anybody. */
	if (bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG) == 0)
		bpf_map_update_elem(&probes, &probe, &present, BPF_ANY);
}

static __always_inline void forget_probe(struct bpf_sock_ops *ctx)
{
	struct culvert_connection probe;

	read_ends(ctx, &probe.source, &probe.destination);
	bpf_map_delete_elem(&probes, &probe);
}

SEC("sockops")
int probe_connect(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		note_probe(ctx);
	else if (ctx->op == BPF_SOCK_OPS_STATE_CB && ctx->args[1] == BPF_TCP_CLOSE)
		forget_probe(ctx);
	return 1;
}
