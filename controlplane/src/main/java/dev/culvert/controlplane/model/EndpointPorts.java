// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.EndpointPort;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.WorkloadEntrySpec;
import dev.culvert.policy.wire.workload.Port;
import dev.culvert.policy.wire.workload.PortList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** On which of its ports an endpoint serves those of a service. UDP does not go through us. */
final class EndpointPorts {
  private static final String TCP = "TCP";

  private EndpointPorts() {}

  static PortList of(ServiceResource service, PodResource pod) {
    return of(service.ports(), port -> port.targetPort(pod));
  }

  /** A target port by name is one of the entry's; a number stays what it is. */
  static PortList of(ServiceResource service, WorkloadEntrySpec entry) {
    return of(
        service.ports(),
        port ->
            port.targetPortName().isEmpty()
                ? OptionalInt.of(port.targetPort())
                : named(entry, port.targetPortName()));
  }

  /** The endpoint's port of the same name, else the target port, as Istio has it. */
  static PortList of(ServiceEntryResource service, WorkloadEntrySpec endpoint) {
    return of(
        service.ports(),
        port -> {
          OptionalInt own = named(endpoint, port.name());
          return own.isPresent() ? own : OptionalInt.of(port.targetPort());
        });
  }

  static PortList of(ServiceEntryResource service) {
    return of(service.ports(), port -> OptionalInt.of(port.targetPort()));
  }

  static PortList of(ServiceResource service, EndpointSliceResource slice) {
    PortList.Builder ports = PortList.newBuilder();
    for (ServicePort port : service.ports()) {
      slice.ports().stream()
          .filter(target -> serves(port, target))
          .forEach(target -> ports.addPorts(port(port.port(), target.port())));
    }
    return ports.build();
  }

  static PortList union(PortList some, PortList others) {
    PortList.Builder union = some.toBuilder();
    others.getPortsList().stream()
        .filter(port -> !some.getPortsList().contains(port))
        .forEach(union::addPorts);
    return union.build();
  }

  private static PortList of(List<ServicePort> all, Function<ServicePort, OptionalInt> targets) {
    PortList.Builder ports = PortList.newBuilder();
    for (ServicePort port : all) {
      OptionalInt target = targets.apply(port);
      if (port.protocol().equals(TCP) && target.isPresent()) {
        ports.addPorts(port(port.port(), target.getAsInt()));
      }
    }
    return ports.build();
  }

  private static OptionalInt named(WorkloadEntrySpec entry, String name) {
    Integer port = entry.ports().get(name);
    return port == null ? OptionalInt.empty() : OptionalInt.of(port);
  }

  private static boolean serves(ServicePort port, EndpointPort target) {
    return port.protocol().equals(TCP)
        && target.protocol().equals(TCP)
        && port.name().equals(target.name())
        && target.port() > 0;
  }

  private static Port port(int service, int target) {
    return Port.newBuilder().setServicePort(service).setTargetPort(target).build();
  }
}
