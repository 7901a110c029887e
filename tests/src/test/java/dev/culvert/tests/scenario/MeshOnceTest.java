// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.Root;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.Timeout;

/**
 * The scenarios that no transport changes, on one mesh; those that kill its processes come last.
 */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestClassOrder(ClassOrderer.OrderAnnotation.class)
final class MeshOnceTest {
  private static Mesh mesh;

  @BeforeAll
  static void start() throws Exception {
    mesh = Mesh.start("auto");
  }

  @AfterAll
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Nested
  @Order(1)
  final class Certificates extends CertificateSigningScenarios {
    Certificates() {
      super(mesh);
    }
  }

  @Nested
  @Order(2)
  final class FalseZtunnel extends FalseZtunnelScenarios {
    FalseZtunnel() {
      super(mesh);
    }
  }

  @Nested
  @Order(3)
  final class ServiceStreams extends ServiceStreamScenarios {
    ServiceStreams() {
      super(mesh);
    }
  }

  @Nested
  @Order(3)
  final class ServiceTrust extends ServiceTrustScenarios {
    ServiceTrust() {
      super(mesh);
    }
  }

  @Nested
  @Order(4)
  final class Recovery extends RecoveryScenarios {
    Recovery() {
      super(mesh);
    }
  }

  @Nested
  @Order(5)
  final class WaypointDiscovery extends WaypointDiscoveryScenarios {
    WaypointDiscovery() {
      super(mesh);
    }
  }

  @Nested
  @Order(3)
  final class GatewayConnections extends GatewayConnectionScenarios {
    GatewayConnections() {
      super(mesh);
    }
  }

  @Nested
  @Order(3)
  final class GatewayTrust extends GatewayTrustScenarios {
    GatewayTrust() {
      super(mesh);
    }
  }

  @Nested
  @Order(9)
  final class Gateway extends GatewayScenarios {
    Gateway() {
      super(mesh);
    }
  }
}
