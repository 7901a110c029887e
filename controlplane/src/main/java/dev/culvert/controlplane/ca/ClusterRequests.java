// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.CertificateSigningRequestResource;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has requests signed by a signer of the cluster (CertificateSigningRequest,
 * certificates.k8s.io/v1). Each is approved here, as whose it is was proved before, and deleted
 * when it has been answered.
 */
final class ClusterRequests {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterRequests.class);

  /** What the API allows at least, expirationSeconds. */
  private static final Duration SHORTEST = Duration.ofMinutes(10);

  /** An API server has others to serve; who waits here is asked again by its proxy. */
  private static final int AT_ONCE = 16;

  private static final String APPROVED = "Approved";
  private static final List<String> NEVER_SIGNED = List.of("Denied", "Failed");

  private final KubernetesClient client;
  private final String signer;
  private final Duration patience;
  private final Semaphore places = new Semaphore(AT_ONCE);

  /**
   * @param patience how long a signer may take
   */
  ClusterRequests(KubernetesClient client, String signer, Duration patience) {
    this.client = client;
    this.signer = signer;
    this.patience = patience;
  }

  /**
   * What the signer made of a request, as PEM.
   *
   * @param pem a PKCS#10 request
   * @throws ControlPlaneException when it signs not, or not in time
   */
  String signed(String pem, List<String> usages, Duration life) {
    try {
      if (!places.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure("has more to sign than it does", "it is tried again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("was not waited for", "the control plane stops");
    }
    try {
      return answered(request(pem, usages, life));
    } catch (KubernetesClientTimeoutException e) {
      throw failure(
          "did not sign within " + patience.toSeconds() + " s",
          "look whether its controller runs and signs for this name");
    } catch (KubernetesClientException e) {
      throw failure(
          "cannot be asked (%s)".formatted(OneLine.of(String.valueOf(e.getMessage()))),
          "the control plane needs create, get, list, watch, delete on certificatesigningrequests,"
              + " update on their approval, and approve on signers of this name");
    } finally {
      places.release();
    }
  }

  private String answered(CertificateSigningRequest request) {
    var resource = client.certificates().v1().certificateSigningRequests().resource(request);
    resource.create();
    try {
      resource.approve(approval());
      CertificateSigningRequest answer =
          resource.waitUntilCondition(
              ClusterRequests::isAnswered, patience.toMillis(), TimeUnit.MILLISECONDS);
      return certificate(answer);
    } finally {
      delete(resource);
    }
  }

  private CertificateSigningRequest request(String pem, List<String> usages, Duration life) {
    return new CertificateSigningRequestBuilder()
        .withNewMetadata()
        .withName("culvert-" + UUID.randomUUID())
        .addToLabels("app.kubernetes.io/managed-by", "culvert")
        .endMetadata()
        .withNewSpec()
        .withSignerName(signer)
        .withRequest(Base64.getEncoder().encodeToString(pem.getBytes(US_ASCII)))
        .withUsages(usages)
        .withExpirationSeconds((int) Math.max(SHORTEST.toSeconds(), life.toSeconds()))
        .endSpec()
        .build();
  }

  private static CertificateSigningRequestCondition approval() {
    return new CertificateSigningRequestConditionBuilder()
        .withType(APPROVED)
        .withStatus("True")
        .withReason("CulvertIdentityProved")
        .withMessage("the caller proved to the control plane that the identity is its to have")
        .build();
  }

  private static boolean isAnswered(CertificateSigningRequest request) {
    return request != null && (!certificateOf(request).isEmpty() || refusal(request).isPresent());
  }

  private String certificate(CertificateSigningRequest answer) {
    refusal(answer)
        .ifPresent(
            condition -> {
              throw failure(
                  "does not sign: %s, %s"
                      .formatted(
                          OneLine.of(String.valueOf(condition.getReason())),
                          OneLine.of(String.valueOf(condition.getMessage()))),
                  "ask who runs the signer");
            });
    try {
      return new String(Base64.getDecoder().decode(certificateOf(answer)), US_ASCII);
    } catch (IllegalArgumentException e) {
      throw failure("answered with no base64", "ask who runs the signer");
    }
  }

  private static String certificateOf(CertificateSigningRequest request) {
    CertificateSigningRequestStatus status = request.getStatus();
    return status == null || status.getCertificate() == null ? "" : status.getCertificate();
  }

  private static Optional<CertificateSigningRequestCondition> refusal(
      CertificateSigningRequest request) {
    CertificateSigningRequestStatus status = request.getStatus();
    if (status == null || status.getConditions() == null) {
      return Optional.empty();
    }
    return status.getConditions().stream()
        .filter(condition -> NEVER_SIGNED.contains(condition.getType()))
        .findFirst();
  }

  /** Kubernetes deletes what is left within an hour. */
  private static void delete(CertificateSigningRequestResource<CertificateSigningRequest> request) {
    try {
      request.delete();
    } catch (KubernetesClientException e) {
      LOG.warn("a CertificateSigningRequest stays behind: {}", e.getMessage());
    }
  }

  private ControlPlaneException failure(String problem, String remedy) {
    return new ControlPlaneException("ca-signer " + signer, problem, remedy);
  }
}
