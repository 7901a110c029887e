// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.net.InetSocketAddress;

/**
 * One endpoint of a destination; connections to it are kept by it.
 *
 * @param address resolved
 * @param protocol what it speaks
 */
public record Target(InetSocketAddress address, Protocol protocol) {}
