// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FirstCertificatesTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final SpiffeId WEB = SpiffeId.workload(DOMAIN, "shop", "web");
  private static final SpiffeId DB = SpiffeId.workload(DOMAIN, "shop", "db");

  private final Set<SpiffeId> held = new HashSet<>();
  private final List<SpiffeId> wanted = new ArrayList<>(List.of(WEB, DB, WEB));
  private boolean known = true;
  private long now = Long.MAX_VALUE - 1;
  private final FirstCertificates first =
      new FirstCertificates(() -> known, () -> wanted, held::contains, () -> now);

  @Test
  void eachIsWaitedForOnce() {
    assertThat(first.missing()).containsExactly(DB.toString(), WEB.toString());
    held.add(WEB);
    assertThat(first.missing()).containsExactly(DB.toString());
    held.add(DB);
    assertThat(first.missing()).isEmpty();
  }

  @Test
  void podThatComesLaterIsNotWaitedFor() {
    held.addAll(wanted);
    assertThat(first.missing()).isEmpty();
    held.clear();
    assertThat(first.missing()).isEmpty();
  }

  @Test
  void untilAllPodsAreKnownNothingIsDecided() {
    known = false;
    assertThat(first.missing()).isEmpty();
    pass(Duration.ofHours(1));
    known = true;
    assertThat(first.missing()).hasSize(2);
  }

  @Test
  void authorityThatNeverSignsIsNotWaitedForEndlessly() {
    held.add(WEB);
    assertThat(first.missing()).hasSize(1);
    pass(Duration.ofSeconds(29));
    assertThat(first.missing()).hasSize(1);
    pass(Duration.ofSeconds(1));
    assertThat(first.missing()).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(first.missing()).isEmpty();
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }
}
