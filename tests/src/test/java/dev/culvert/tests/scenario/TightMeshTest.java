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

/** A mesh of ztunnels with low limits and short times, over every transport. */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
record TightMeshTest(String transport) {
  private static Mesh mesh;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    mesh = Mesh.start(transport, LimitScenarios.SETTINGS);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @Nested
  final class Limits extends LimitScenarios {
    Limits() {
      super(mesh);
    }
  }
}
