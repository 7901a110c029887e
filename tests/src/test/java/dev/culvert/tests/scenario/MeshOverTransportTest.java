// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every scenario of the data path over every transport that this machine has, one mesh for each.
 */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
record MeshOverTransportTest(String transport) {
  private static Mesh mesh;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    mesh = Mesh.start(transport);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @Nested
  final class Routes extends RouteScenarios {
    Routes() {
      super(mesh);
    }
  }

  @Nested
  final class Endpoints extends EndpointScenarios {
    Endpoints() {
      super(mesh);
    }
  }

  @Nested
  final class Addresses extends AddressScenarios {
    Addresses() {
      super(mesh);
    }
  }

  @Nested
  final class DualStack extends DualStackScenarios {
    DualStack() {
      super(mesh);
    }
  }

  @Nested
  final class Waypoints extends WaypointScenarios {
    Waypoints() {
      super(mesh);
    }
  }

  @Nested
  final class SandwichedWaypoints extends SandwichedWaypointScenarios {
    SandwichedWaypoints() {
      super(mesh);
    }
  }

  @Nested
  final class MeshWaypoints extends MeshWaypointScenarios {
    MeshWaypoints() {
      super(mesh, transport);
    }
  }

  @Nested
  final class OtherNetwork extends OtherNetworkScenarios {
    OtherNetwork() {
      super(mesh);
    }
  }

  @Nested
  final class Streams extends StreamScenarios {
    Streams() {
      super(mesh);
    }
  }

  @Nested
  final class Dns extends DnsScenarios {
    Dns() {
      super(mesh);
    }
  }

  @Nested
  final class DnsNames extends DnsNameScenarios {
    DnsNames() {
      super(mesh);
    }
  }

  @Nested
  final class DnsElsewhere extends DnsForwardingScenarios {
    DnsElsewhere() {
      super(mesh);
    }
  }

  @Nested
  final class Policy extends PolicyScenarios {
    Policy() {
      super(mesh);
    }
  }

  @Nested
  final class Plaintext extends PlaintextScenarios {
    Plaintext() {
      super(mesh);
    }
  }

  @Nested
  final class PeerTrust extends PeerTrustScenarios {
    PeerTrust() {
      super(mesh);
    }
  }

  @Nested
  final class Hostile extends HostileScenarios {
    Hostile() {
      super(mesh);
    }
  }

  @Nested
  final class ServerTunnels extends ServerTunnelScenarios {
    ServerTunnels() {
      super(mesh);
    }
  }

  @Nested
  final class ClientTunnels extends ClientTunnelScenarios {
    ClientTunnels() {
      super(mesh);
    }
  }

  @Nested
  final class TunnelSharing extends TunnelSharingScenarios {
    TunnelSharing() {
      super(mesh);
    }
  }

  @Nested
  final class FloodingServer extends FloodingServerScenarios {
    FloodingServer() {
      super(mesh);
    }
  }

  @Nested
  final class Floods extends FloodScenarios {
    Floods() {
      super(mesh);
    }
  }

  @Nested
  final class NoisyPod extends NoisyPodScenarios {
    NoisyPod() {
      super(mesh);
    }
  }

  @Nested
  final class AccessLog extends AccessLogScenarios {
    AccessLog() {
      super(mesh);
    }
  }

  @Nested
  final class Metrics extends MetricsScenarios {
    Metrics() {
      super(mesh);
    }
  }

  @Nested
  final class ConfigDump extends ConfigDumpScenarios {
    ConfigDump() {
      super(mesh);
    }
  }

  @Nested
  final class Diagnostics extends DiagnosticsScenarios {
    Diagnostics() {
      super(mesh);
    }
  }

  @Nested
  final class Memory extends MemoryScenarios {
    Memory() {
      super(mesh);
    }
  }

  @Nested
  final class Descriptors extends DescriptorScenarios {
    Descriptors() {
      super(mesh);
    }
  }

  @Nested
  final class Enrolment extends EnrolmentScenarios {
    Enrolment() {
      super(mesh);
    }
  }
}
