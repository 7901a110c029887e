// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.ztunnel.xds.AppProtocol;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a client wants to connect to, and this waypoint is for. */
sealed interface Asked {
  /** Address and port, resolved. */
  InetSocketAddress address();

  /** What is spoken there. */
  AppProtocol protocol();

  /** The service that was asked for. */
  Optional<Service> asService();

  /** What tells it from every other service and pod. */
  default String key() {
    return switch (this) {
      case OfService of -> of.service().key();
      case OfPod of -> of.pod().uid();
    };
  }

  /** A port of a service. */
  record OfService(Service service, ServicePort port, InetSocketAddress address) implements Asked {
    @Override
    public AppProtocol protocol() {
      return port.protocol();
    }

    @Override
    public Optional<Service> asService() {
      return Optional.of(service);
    }
  }

  /** A port of a pod; what it speaks is said by a service that the pod serves it for. */
  record OfPod(Workload pod, InetSocketAddress address) implements Asked {
    @Override
    public AppProtocol protocol() {
      for (Map.Entry<String, List<ServicePort>> served : pod.services().entrySet()) {
        for (ServicePort port : served.getValue()) {
          if (port.targetPort() == address.getPort() && port.protocol() != AppProtocol.UNKNOWN) {
            return port.protocol();
          }
        }
      }
      return AppProtocol.UNKNOWN;
    }

    @Override
    public Optional<Service> asService() {
      return Optional.empty();
    }
  }
}
