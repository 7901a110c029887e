// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * A port a container declares.
 *
 * @param name empty when it has none
 * @param port 1 to 65535
 * @param protocol TCP, UDP or SCTP
 */
public record ContainerPort(String name, int port, String protocol) {}
