// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;

/** A ztunnel between a false agent and a false controlplane, which no transport has a part in. */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LoneZtunnelTest {
  private static LoneZtunnel lone;

  @BeforeAll
  static void start() throws Exception {
    lone = LoneZtunnel.start(Transports.available().findFirst().orElseThrow());
  }

  @AfterAll
  static void stop() throws Exception {
    if (lone != null) {
      lone.close();
      lone = null;
    }
  }

  @Nested
  final class Nonsense extends NonsenseScenarios {
    Nonsense() {
      super(lone);
    }
  }

  @Nested
  final class Reconnect extends ReconnectScenarios {
    Reconnect() {
      super(lone);
    }
  }

  @Nested
  final class CertificateFetches extends CertificateFetchScenarios {
    CertificateFetches() {
      super(lone);
    }
  }

  @Nested
  final class LateDiscovery extends LateDiscoveryScenarios {
    LateDiscovery() {
      super(lone);
    }
  }
}
