// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.choice;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.identity.PostQuantum;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What can be set of how peers are checked.
 *
 * @param aliases other names of the trust domain
 * @param crl file of certificates that were taken back
 * @param postQuantum whether peers must have a post-quantum key exchange
 */
public record IdentityConfig(
    Set<TrustDomain> aliases, Optional<Path> crl, PostQuantum postQuantum) {
  private static final Setting<Set<TrustDomain>> ALIASES =
      new Setting<>(
          "trust-domain-aliases",
          "NAME,NAME,...",
          Optional.of(""),
          false,
          "Other names of the trust domain: their identities, also those in policies, mean the same.",
          IdentityConfig::domains);
  private static final Setting<Optional<Path>> CRL =
      new Setting<>(
              "crl-file",
              "path",
              Optional.<String>empty(),
              false,
              "CRLs of the mesh's CAs, PEM or DER, looked at every 5 s: what it revokes is refused,"
                  + " and closed when connected. An issuer without a list counts as good; so does"
                  + " all while the file is missing.",
              Path::of)
          .optional();

  private static final Setting<PostQuantum> POST_QUANTUM =
      choice(
          "post-quantum",
          PostQuantum.PREFERRED,
          "required refuses peers without X25519MLKEM768; the JDK's TLS has none.");

  /** Those settings, in the order in which help shows them. */
  public static final List<Setting<?>> ALL = List.of(ALIASES, CRL, POST_QUANTUM);

  /** What was set. */
  public static IdentityConfig from(Settings settings) {
    return new IdentityConfig(settings.get(ALIASES), settings.get(CRL), settings.get(POST_QUANTUM));
  }

  private static Set<TrustDomain> domains(String text) {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(name -> !name.isEmpty())
          .map(TrustDomain::new)
          .collect(Collectors.toUnmodifiableSet());
    } catch (InvalidSpiffeIdException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
