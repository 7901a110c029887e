// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the root in the state folder, or makes it on the first start. Anything between whole and
 * absent is an error: a root that changes unnoticed cuts the mesh in two.
 */
public final class RootStore {
  /** What clients trust, PEM. */
  public static final String CERTIFICATE = "root-cert.pem";

  static final String KEY = "root-key.pem";

  private static final Logger LOG = LoggerFactory.getLogger(RootStore.class);
  private static final String RESTORE =
      "restore both root files from a backup; only to start a new mesh, remove %s and %s"
          .formatted(CERTIFICATE, KEY);

  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final StateFolder state;
  private final InstantSource clock;

  private RootStore(StateFolder state, InstantSource clock) {
    this.state = state;
    this.clock = clock;
  }

  /**
   * Opens the authority of a trust domain.
   *
   * @throws ControlPlaneException when the root files are not whole, do not fit each other, have
   *     run out, or belong to another trust domain
   */
  public static CertificateAuthority open(
      StateFolder state, TrustDomain trustDomain, InstantSource clock) {
    RootStore store = new RootStore(state, clock);
    Issuer root = store.findOrMake(trustDomain);
    return new OwnAuthority(() -> root, clock);
  }

  private Issuer findOrMake(TrustDomain trustDomain) {
    boolean certificate = Files.exists(state.file(CERTIFICATE));
    boolean key = Files.exists(state.file(KEY));
    if (!certificate && !key) {
      return make(trustDomain);
    }
    if (!certificate || !key) {
      Path missing = state.file(certificate ? KEY : CERTIFICATE);
      throw new ControlPlaneException(missing, "missing while its other half is there", RESTORE);
    }
    refuseReadableByOthers(state.file(KEY));
    Issuer root =
        new RootCheck(state.file(CERTIFICATE), state.file(KEY), RESTORE, clock.instant())
            .root(trustDomain, read(CERTIFICATE), read(KEY));
    LOG.info("using the {}", root);
    return root;
  }

  /** The key first: a crash in between leaves a state that the next start refuses, not a guess. */
  private Issuer make(TrustDomain trustDomain) {
    Issuer root = SelfSigned.root(trustDomain, clock.instant());
    state.writeSecret(KEY, Pem.of(root.key()));
    state.write(CERTIFICATE, Pem.of(root.certificate()));
    LOG.info("made the {} in {}", root, state.file(CERTIFICATE));
    return root;
  }

  private static void refuseReadableByOthers(Path keyFile) {
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(keyFile);
      if (mode.stream().anyMatch(OTHERS::contains)) {
        throw new ControlPlaneException(
            keyFile, "other users can read the root's private key", "chmod 600 " + keyFile);
      }
    } catch (IOException e) {
      throw new ControlPlaneException(keyFile, e.getMessage(), RESTORE, e);
    }
  }

  private String read(String name) {
    try {
      return Files.readString(state.file(name), UTF_8);
    } catch (IOException e) {
      throw new ControlPlaneException(state.file(name), "cannot be read (" + e + ")", RESTORE, e);
    }
  }
}
