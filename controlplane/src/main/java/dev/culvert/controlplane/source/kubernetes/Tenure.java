// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A lease, and until when this replica surely has it by its own clock. The elector notices that it
 * lost the lease only when its last request comes back, which a silent API server may take minutes
 * for; another replica leads by then. So time counts from before a request that was granted.
 */
final class Tenure implements Lock {
  private final Lock lease;
  private final long length;
  private final LongSupplier nanos;
  private volatile long granted;
  private volatile boolean everGranted;

  /**
   * @param length how long a grant holds
   */
  Tenure(Lock lease, Duration length, LongSupplier nanos) {
    this.lease = lease;
    this.length = length.toNanos();
    this.nanos = nanos;
  }

  /** Whether nobody else can have the lease yet. */
  boolean holds() {
    return everGranted && nanos.getAsLong() - granted < length;
  }

  @Override
  public LeaderElectionRecord get(KubernetesClient client) {
    return lease.get(client);
  }

  @Override
  public void create(KubernetesClient client, LeaderElectionRecord record) {
    long asked = nanos.getAsLong();
    lease.create(client, record);
    grant(asked, record);
  }

  @Override
  public void update(KubernetesClient client, LeaderElectionRecord record) {
    long asked = nanos.getAsLong();
    lease.update(client, record);
    grant(asked, record);
  }

  private void grant(long asked, LeaderElectionRecord record) {
    granted = asked;
    everGranted = identity().equals(record.getHolderIdentity());
  }

  @Override
  public String identity() {
    return lease.identity();
  }

  @Override
  public String describe() {
    return lease.describe();
  }
}
