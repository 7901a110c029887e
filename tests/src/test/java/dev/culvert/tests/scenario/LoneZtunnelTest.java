// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

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

/** A ztunnel between a false agent and a false controlplane. */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
record LoneZtunnelTest(String transport) {
  private static LoneZtunnel lone;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    lone = LoneZtunnel.start(transport);
  }

  @AfterParameterizedClassInvocation
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
