// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one root of a mesh follow another without a connection that fails, when the old one has
 * lived four fifths of its life or an operator asks for it with annotation {@code
 * policy.culvert.dev/rotate-root} on the Secret. The leader makes each step.
 */
public final class RootRotation implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RootRotation.class);

  /** Until a changed ConfigMap has reached every pod that mounts it (the kubelet's sync period). */
  private static final Duration SPREAD = Duration.ofMinutes(10);

  private final RootSecret secret;
  private final Duration step;
  private final BooleanSupplier leads;

  private RootRotation(RootSecret secret, Duration step, BooleanSupplier leads) {
    this.secret = secret;
    this.step = step;
    this.leads = leads;
  }

  /**
   * A rotation of the roots that {@link SecretRoot} reads.
   *
   * @param longest how long a certificate lives at most
   * @param leads whether this replica may write now
   */
  public static RootRotation of(
      KubernetesClient client,
      String namespace,
      TrustDomain trustDomain,
      Duration longest,
      InstantSource clock,
      BooleanSupplier leads) {
    return new RootRotation(
        new RootSecret(client, namespace, trustDomain, clock), longest.plus(SPREAD), leads);
  }

  /**
   * Makes the step that is due.
   *
   * @throws ControlPlaneException when the Secret cannot be read or written
   */
  @Override
  public void run() {
    if (!leads.getAsBoolean()) {
      return;
    }
    try {
      secret.read().ifPresent(this::advance);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw new ControlPlaneException(
            secret,
            "a change of roots cannot be looked after (%s)"
                .formatted(OneLine.of(String.valueOf(e.getMessage()))),
            "it is tried again",
            e);
      }
    }
  }

  private void advance(RootSecret.Held held) {
    Instant now = secret.clock().instant();
    RootRing ring = held.ring();
    RootRing next =
        ring.after(
            now, step, held.isChangeWanted(), () -> SelfSigned.root(secret.trustDomain(), now));
    if (next.equals(ring) && held.isTimed()) {
      return;
    }
    secret.replace(held, next);
    LOG.info("a step in the change of roots in {}: {}{}", secret, next, until(next, now));
  }

  private String until(RootRing ring, Instant now) {
    return ring.rests() ? "" : "; the next step is made at " + now.plus(step);
  }
}
