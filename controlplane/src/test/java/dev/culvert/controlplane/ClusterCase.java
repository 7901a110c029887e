// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of its own for each test. */
abstract class ClusterCase {
  @TempDir Path folder;
  TestCluster cluster;

  @BeforeEach
  final void start() throws Exception {
    cluster = new TestCluster(folder);
  }

  @AfterEach
  final void stop() {
    cluster.close();
  }
}
