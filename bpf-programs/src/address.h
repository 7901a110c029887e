// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Addresses as 16 bytes in network order, so that IPv4, IPv6 and IPv4 on IPv6 sockets take one path. */
#ifndef CULVERT_ADDRESS_H
#define CULVERT_ADDRESS_H

#define V4_PREFIX bpf_htonl(0xffff)

static __always_inline void set_v4(__be32 ip[4], __be32 v4)
{
	ip[0] = 0;
	ip[1] = 0;
	ip[2] = V4_PREFIX;
	ip[3] = v4;
}

static __always_inline void set_ip(__be32 to[4], const __be32 from[4])
{
	to[0] = from[0];
	to[1] = from[1];
	to[2] = from[2];
	to[3] = from[3];
}

static __always_inline bool is_v4(const __be32 ip[4])
{
	return ip[0] == 0 && ip[1] == 0 && ip[2] == V4_PREFIX;
}

static __always_inline bool is_same(const __be32 a[4], const __be32 b[4])
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static __always_inline bool is_loopback(const __be32 ip[4])
{
	if (is_v4(ip))
		return (ip[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	return (ip[0] | ip[1] | ip[2]) == 0 && ip[3] == bpf_htonl(1);
}

/* connect() to the unspecified address means loopback in both families. */
static __always_inline bool is_unspecified(const __be32 ip[4])
{
	return (ip[0] | ip[1] | ip[3]) == 0 && (ip[2] == 0 || ip[2] == V4_PREFIX);
}

/* fe80::/10 is nothing without its interface, which an endpoint does not carry. */
static __always_inline bool is_link_local_v6(const __be32 ip[4])
{
	return (ip[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000);
}

/* The loopback address of the same family: what a captured socket is really connected to. */
static __always_inline void set_loopback(__be32 to[4], const __be32 family_of[4])
{
	if (is_v4(family_of)) {
		set_v4(to, bpf_htonl(0x7f000001));
	} else {
		to[0] = 0;
		to[1] = 0;
		to[2] = 0;
		to[3] = bpf_htonl(1);
	}
}

/* The pod's own address of the same family; false when it has none. */
static __always_inline bool set_pod_address(__be32 to[4], const __be32 family_of[4], const struct culvert_pod *pod)
{
	if (is_v4(family_of)) {
		set_v4(to, pod->ip4);
		return pod->ip4 != 0;
	}
	set_ip(to, pod->ip6);
	return (pod->ip6[0] | pod->ip6[1] | pod->ip6[2] | pod->ip6[3]) != 0;
}

#endif
