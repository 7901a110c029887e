// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import dev.culvert.policy.resource.PeerAuthentication;

/** The spec of a PeerAuthentication. */
final class PeerAuthenticationSchema {
  private PeerAuthenticationSchema() {}

  static Schema spec() {
    return Schema.object("Whether peers must prove who they are.")
        .field("selector", Selectors.selector())
        .field("mtls", mtls("What holds for every port without an exception."))
        .field(
            "portLevelMtls",
            Schema.map(
                    "Exceptions by port of the workload.", 1024, mtls("What holds for the port."))
                .rule(
                    "self.all(port, port.matches('^[1-9][0-9]{0,4}$') && int(port) <= 65535)",
                    "a key of portLevelMtls is no port; write 1 to 65535"))
        .rule(
            "!has(self.portLevelMtls) || size(self.portLevelMtls) == 0 || (has(self.selector)"
                + " && has(self.selector.matchLabels) && size(self.selector.matchLabels) > 0)",
            "portLevelMtls means something only for selected workloads; add selector.matchLabels"
                + " or remove the ports");
  }

  private static Schema mtls(String description) {
    return Schema.object(description)
        .field(
            "mode",
            Schema.choice(
                "UNSET: as the next wider policy says, PERMISSIVE when there is none. STRICT: mutual"
                    + " TLS only. PERMISSIVE and DISABLE: plaintext is taken too.",
                PeerAuthentication.Mode.class));
  }
}
