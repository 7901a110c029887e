// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.time.Duration;

/** Brings a cluster to what the parts say, and waits until it runs. */
final class Installation {
  private final Cluster cluster;
  private final Progress progress;

  Installation(Cluster cluster, Progress progress) {
    this.cluster = cluster;
    this.progress = progress;
  }

  /** Applies all parts, then removes what an earlier version had and this one has not. */
  void apply(Parts parts) {
    for (HasMetadata object : parts.objects()) {
      cluster.apply(object);
      progress.say("  applied " + Parts.name(object));
    }
    for (HasMetadata object : cluster.leftovers(parts)) {
      cluster.delete(object);
      progress.say("  removed " + Parts.name(object) + ", which this version has not");
    }
  }

  /**
   * Waits until all of it runs.
   *
   * @throws IOException when it does not in time
   */
  void await(Parts parts, Duration patience) throws IOException {
    new Rollout(cluster.client(), progress).await(parts, patience);
  }
}
