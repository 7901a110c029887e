// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What asks to be signed. */
class SigningRequestFuzzTest {
  private static final SpiffeId WEB =
      SpiffeId.workload(new TrustDomain("cluster.local"), "shop", "web");
  private static final SpiffeId ADMIN =
      SpiffeId.workload(new TrustDomain("cluster.local"), "shop", "admin");

  @FuzzTest
  void pem(byte[] input) {
    signedOnlyForWeb(input, new String(input, StandardCharsets.ISO_8859_1));
  }

  @FuzzTest
  void der(byte[] input) {
    String body = Base64.getMimeEncoder().encodeToString(input);
    signedOnlyForWeb(
        input,
        "-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n"
            .formatted(body));
  }

  /** Whatever it is: a request that is good for one identity is good for no other. */
  private static void signedOnlyForWeb(byte[] input, String pem) {
    boolean web = isAccepted(input, pem, WEB);
    assertThat(web && isAccepted(input, pem, ADMIN)).isFalse();
  }

  private static boolean isAccepted(byte[] input, String pem, SpiffeId identity) {
    try {
      SigningRequest request = Allocation.bounded(input, () -> SigningRequest.parse(pem, identity));
      assertThat(request.key().getAlgorithm()).isIn("EC", "ECDSA");
      assertThat(pem.length()).isLessThanOrEqualTo(SigningRequest.MAX_LENGTH);
      return true;
    } catch (RejectedRequestException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    }
  }
}
