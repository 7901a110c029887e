// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What the kernel programs and user space agree on. The agent fills `pods` and `pod_addresses`; the proxy needs only
 * the mark, the ports and the three socket options. Addresses are 16 bytes in network order, IPv4 as ::ffff:a.b.c.d.
 */
#ifndef CULVERT_ABI_H
#define CULVERT_ABI_H

#include <linux/types.h>

/* SO_MARK of the proxy's sockets, set before bind or connect: never captured, may register and present. */
#define CULVERT_MARK 0x539

#define CULVERT_PORT_OUTBOUND 15001 /* TCP that the pod's applications open */
#define CULVERT_PORT_INBOUND 15006  /* TCP to the pod from outside the mesh */
#define CULVERT_PORT_HBONE 15008    /* tunnels of the mesh */
#define CULVERT_PORT_DNS 15053      /* UDP that the pod's applications send to port 53 */

#define CULVERT_SO_ORIGINAL_DST 80	/* getsockopt at SOL_IP and SOL_IPV6, as netfilter's */
#define CULVERT_PRESENT_PEER 0x4356	/* setsockopt at SOL_IP: a sockaddr_in or sockaddr_in6 */
#define CULVERT_STEP_BACK 0x4357	/* setsockopt at SOL_IP, an int: a listener's port is another's from now on */

/* Without it a pod is only known: its listener may register, nothing is redirected. */
#define CULVERT_POD_CAPTURE (1U << 0)

/* pods: network namespace cookie (__u64, SO_NETNS_COOKIE) -> */
struct culvert_pod {
	__be32 ip4;    /* zero: the pod has no IPv4 address */
	__be32 ip6[4]; /* zero: the pod has no IPv6 address */
	__u32 flags;
};

/* Key of pod_addresses (-> __u64 namespace cookie), turns, and the maps of the proxy's listeners. */
struct culvert_address {
	__be32 ip[4];
};

struct culvert_endpoint {
	__be32 ip[4];
	__be16 port;
	__u16 pad;
};

/* Key of probes: a connection as the side that opened it sees it. */
struct culvert_connection {
	struct culvert_endpoint source;
	struct culvert_endpoint destination;
};

/* Key of pairs: a pod, by its namespace, and what its application connects to. */
struct culvert_pair {
	__u64 netns;
	struct culvert_endpoint asked;
	__u32 pad;
};

/* Where a pair leads: an endpoint and the namespace that must have its address. */
struct culvert_pair_end {
	__u64 netns;
	struct culvert_endpoint endpoint;
	__u32 pad;
};

#define CULVERT_PAIR_ENDS 8

/* Value of pairs; counts only while `generation` is that of pair_generation and pair_lease has not run out. */
struct culvert_pair_grant {
	__u64 generation; /* zero: never */
	__u32 count;
	__u32 pad;
	struct culvert_pair_end ends[CULVERT_PAIR_ENDS];
};

/* The connection was established. */
#define CULVERT_FLOW_OPENED (1U << 0)

/* Element of flow_reports: a connection of a pair that is over. Times in ns of CLOCK_MONOTONIC. */
struct culvert_flow_report {
	__u64 source_netns;
	__u64 destination_netns;
	struct culvert_connection connection;
	struct culvert_endpoint asked;
	__u32 flags;
	__u64 started;
	__u64 ended;
	__u64 sent;
	__u64 received;
};

/* Key of originals and presents (-> struct culvert_endpoint): from the connecting socket to the accepted one. */
struct culvert_handover {
	__u64 netns;
	struct culvert_connection connection;
};

#endif
