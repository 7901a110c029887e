// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.OptionalInt;

/**
 * A port of a service.
 *
 * @param name empty when it has none
 * @param port 1 to 65535
 * @param protocol TCP, UDP or SCTP
 * @param appProtocol for example http; empty when not written
 * @param targetPort the port of the pods; 0 when it is given by name
 * @param targetPortName the name of a container port; empty when given by number
 */
public record ServicePort(
    String name,
    int port,
    String protocol,
    String appProtocol,
    int targetPort,
    String targetPortName) {

  /** The port of this pod behind it; empty when the pod declares none of that name. */
  public OptionalInt targetPort(PodResource pod) {
    if (targetPortName.isEmpty()) {
      return OptionalInt.of(targetPort);
    }
    return pod.ports().stream()
        .filter(declared -> declared.name().equals(targetPortName))
        .filter(declared -> declared.protocol().equals(protocol))
        .mapToInt(ContainerPort::port)
        .findFirst();
  }
}
