// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * A port of all endpoints of a slice.
 *
 * @param name the service port it serves; empty when that has none
 * @param port 1 to 65535
 * @param protocol TCP, UDP or SCTP
 * @param appProtocol for example http; empty when not written
 */
public record EndpointPort(String name, int port, String protocol, String appProtocol) {}
