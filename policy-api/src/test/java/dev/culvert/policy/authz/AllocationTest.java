// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static dev.culvert.policy.authz.Connections.peer;
import static dev.culvert.policy.authz.Connections.plaintext;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A decision stands on the path of every connection, and of all of them when a policy changes. */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int DECISIONS = 10_000;
  private static final String EVERY_FIELD =
      """
      rules {
        clauses {
          matches {
            principals { suffix: "/sa/web" }
            not_principals { exact: "cluster.local/ns/shop/sa/db" }
            namespaces { prefix: "sh" }
            service_accounts { namespace: "shop" serviceAccount: "web" }
            source_ips { address: "\\306\\022\\000\\000" length: 15 }
            not_destination_ips { address: "\\306\\023\\000\\000" length: 16 }
            destination_ports: 80
            not_destination_ports: 81
          }
        }
      }
      """;

  @Test
  void decisionsLeaveNoGarbage() {
    leaveNoGarbage(
        PolicyIndex.of(
            List.of(
                policy("mesh", "GLOBAL", "action: DENY " + EVERY_FIELD.replace("80", "82")),
                policy("namespace", "NAMESPACE", "action: ALLOW " + EVERY_FIELD),
                policy("workload", "WORKLOAD_SELECTOR", "action: ALLOW " + EVERY_FIELD))));
  }

  @Test
  void decisionsAmongManyLeaveNoGarbage() {
    List<CompiledAuthorization> policies = new ArrayList<>();
    for (String field :
        List.of(
            "principals { exact: 'cluster.local/ns/shop/sa/c%d' }",
            "namespaces { exact: 'n%d' }",
            "service_accounts { namespace: 'shop' serviceAccount: 'c%d' }",
            "source_ips { address: '\\012\\000\\000\\000' length: %d }",
            "destination_ips { address: '\\306\\023\\000\\000' length: %d }",
            "destination_ports: 10%d")) {
      for (int i = 20; i < 30; i++) {
        String rule = "rules { clauses { matches { %s } } }".formatted(field.formatted(i));
        String action = "action: " + (i % 2 == 0 ? "ALLOW " : "DENY ");
        policies.add(policy("p" + policies.size(), "NAMESPACE", action + rule));
      }
    }
    policies.add(policy("workload", "WORKLOAD_SELECTOR", "action: ALLOW " + EVERY_FIELD));
    leaveNoGarbage(PolicyIndex.of(policies));
  }

  private static void leaveNoGarbage(PolicyIndex index) {
    List<PolicyKey> selected = new ArrayList<>(List.of(new PolicyKey("shop", "workload")));
    ConnectionFacts allowed = peer("cluster.local/ns/shop/sa/web");
    ConnectionFacts denied = plaintext();
    assertThat(index.decide("shop", selected, allowed).isAllowed()).isTrue();
    assertThat(index.decide("shop", selected, denied).isAllowed()).isFalse();

    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < DECISIONS; i++) {
      index.decide("shop", selected, allowed);
      index.decide("shop", selected, denied);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).as("bytes for all decisions together").isLessThan(DECISIONS);
  }

  /** The meter moves when there is something to measure. */
  @Test
  void missingPolicyCostsItsVerdict() {
    List<PolicyKey> selected = new ArrayList<>(List.of(new PolicyKey("shop", "late")));
    ConnectionFacts peer = plaintext();
    Verdict[] verdicts = new Verdict[DECISIONS];

    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < DECISIONS; i++) {
      verdicts[i] = PolicyIndex.empty().decide("shop", selected, peer);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).isBetween(16L * DECISIONS, 64L * DECISIONS);
  }

  private static CompiledAuthorization policy(String name, String scope, String text) {
    return CompiledAuthorization.compile(
        Policies.wire("namespace: 'shop' name: '%s' scope: %s %s".formatted(name, scope, text)));
  }
}
