// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.wire.security.Authorization;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostilePolicyTest {
  private static final long SEED = 20261121;

  /** Whatever decodes either compiles or is refused with a reason, and then can be asked. */
  @Test
  void damagedPolicyIsRefusedWithAReason() {
    byte[] sound =
        Policies.wire(
                """
                name: "p" namespace: "shop" scope: NAMESPACE action: DENY
                rules {
                  clauses {
                    matches {
                      principals { prefix: "a" } not_namespaces { presence {} }
                      source_ips { address: "abcd" length: 8 } destination_ports: 80
                      service_accounts { namespace: "a" serviceAccount: "b" }
                    }
                  }
                }
                """)
            .toByteArray();
    Random random = new Random(SEED);
    int decoded = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = sound.clone();
      for (int hits = random.nextInt(3); hits >= 0; hits--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      decoded += tryOut(damaged) ? 1 : 0;
    }
    assertThat(decoded).isPositive();
  }

  private static boolean tryOut(byte[] wire) {
    Authorization policy;
    try {
      policy = Authorization.parseFrom(wire);
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
    assertThatCode(() -> compileAndAsk(policy)).doesNotThrowAnyException();
    return true;
  }

  private static void compileAndAsk(Authorization policy) {
    try {
      CompiledAuthorization.compile(policy).matches(Connections.plaintext());
    } catch (InvalidPolicyException e) {
      assertThat(e).hasMessageStartingWith("policy ").hasMessageContaining("; ");
    }
  }
}
