// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.Root;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;

/** What is the same for every transport where addresses are asked for when they are needed. */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class OnDemandOnceTest {
  private static Mesh mesh;

  @BeforeAll
  static void start() throws Exception {
    mesh = Mesh.startOnDemand("auto");
  }

  @AfterAll
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Nested
  final class Policies extends PolicyScenarios {
    Policies() {
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
  final class Enrolment extends EnrolmentScenarios {
    Enrolment() {
      super(mesh);
    }
  }
}
