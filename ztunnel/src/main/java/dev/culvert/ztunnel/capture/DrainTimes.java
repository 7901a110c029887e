// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import java.time.Duration;

/**
 * How a pod is let go.
 *
 * @param queues how long at most its sockets stay open for what the kernel holds for them
 * @param delivered until a datagram whose socket the kernel has looked up is in that socket's queue
 * @param left how long connections of a pod may go on that left the mesh; then they are reset
 */
public record DrainTimes(Duration queues, Duration delivered, Duration left) {}
