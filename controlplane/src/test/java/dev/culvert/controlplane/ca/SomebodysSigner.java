// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A controller that signs what is approved for its name, as cert-manager's does. */
public final class SomebodysSigner implements AutoCloseable {
  public static final String NAME = "example.com/mesh";

  private final KubernetesClient client;
  private final Answer answer;
  private final SharedIndexInformer<CertificateSigningRequest> informer;

  /** How it answers. */
  interface Answer {
    CertificateSigningRequest to(CertificateSigningRequest request) throws Exception;
  }

  SomebodysSigner(KubernetesClient client, Answer answer) {
    this.client = client;
    this.answer = answer;
    this.informer = client.certificates().v1().certificateSigningRequests().inform(new Approved());
  }

  /** One that does its work, with an intermediate. Its root is the file's. */
  public static SomebodysSigner open(KubernetesClient client, java.nio.file.Path roots)
      throws Exception {
    ForeignAuthority root = ForeignAuthority.root("a company");
    java.nio.file.Files.writeString(roots, ForeignAuthority.pem(root));
    ForeignAuthority signer = root.under("a cluster");
    return new SomebodysSigner(client, request -> signed(request, signer));
  }

  @Override
  public void close() {
    informer.close();
  }

  /** What the request asks for. */
  static CertificateSigningRequest signed(
      CertificateSigningRequest request, ForeignAuthority signer) throws Exception {
    var csr = csr(request);
    GeneralNames names =
        GeneralNames.fromExtensions(csr.getRequestedExtensions(), Extension.subjectAlternativeName);
    return signed(request, signer, csr.getPublicKey(), List.of(names.getNames()));
  }

  /** Something else. */
  static CertificateSigningRequest signed(
      CertificateSigningRequest request,
      ForeignAuthority signer,
      PublicKey key,
      List<GeneralName> names)
      throws Exception {
    KeyPurposeId[] purposes =
        request.getSpec().getUsages().stream()
            .filter(usage -> usage.endsWith(" auth"))
            .map(
                usage ->
                    usage.startsWith("server")
                        ? KeyPurposeId.id_kp_serverAuth
                        : KeyPurposeId.id_kp_clientAuth)
            .toArray(KeyPurposeId[]::new);
    Duration life = Duration.ofSeconds(request.getSpec().getExpirationSeconds());
    return withCertificates(
        request, leaf(signer, key, names, life, purposes), signer.certificate());
  }

  static X509Certificate leaf(
      ForeignAuthority signer,
      PublicKey key,
      List<GeneralName> names,
      Duration life,
      KeyPurposeId... purposes) {
    X500Name issuer =
        X500Name.getInstance(signer.certificate().getSubjectX500Principal().getEncoded());
    KeyPair pair = signer.keys();
    Instant now = Instant.now();
    return CertificateDraft.of(issuer, new X500Name(""), key, now.minusSeconds(60), now.plus(life))
        .leaf(signer.certificate(), purposes)
        .names(true, names)
        .sign(pair.getPrivate());
  }

  static CertificateSigningRequest withCertificates(
      CertificateSigningRequest request, X509Certificate... chain) {
    return with(request, Arrays.stream(chain).map(Pem::of).collect(Collectors.joining()));
  }

  static CertificateSigningRequest with(CertificateSigningRequest request, String answer) {
    String text = Base64.getEncoder().encodeToString(answer.getBytes(US_ASCII));
    return new CertificateSigningRequestBuilder(request)
        .editStatus()
        .withCertificate(text)
        .endStatus()
        .build();
  }

  static JcaPKCS10CertificationRequest csr(CertificateSigningRequest request) throws Exception {
    String pem = new String(Base64.getDecoder().decode(request.getSpec().getRequest()), US_ASCII);
    return new JcaPKCS10CertificationRequest(Pem.read(pem, "CERTIFICATE REQUEST"));
  }

  /** Hears of requests; signs those that are approved, once. */
  private final class Approved implements ResourceEventHandler<CertificateSigningRequest> {
    @Override
    public void onAdd(CertificateSigningRequest request) {
      consider(request);
    }

    @Override
    public void onUpdate(CertificateSigningRequest before, CertificateSigningRequest now) {
      consider(now);
    }

    @Override
    public void onDelete(CertificateSigningRequest request, boolean unknown) {}

    private void consider(CertificateSigningRequest request) {
      if (!request.getSpec().getSignerName().equals(NAME) || !isDue(request)) {
        return;
      }
      try {
        client
            .certificates()
            .v1()
            .certificateSigningRequests()
            .resource(answer.to(request))
            .updateStatus();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    private static boolean isDue(CertificateSigningRequest request) {
      return request.getStatus() != null
          && request.getStatus().getCertificate() == null
          && Stream.ofNullable(request.getStatus().getConditions())
              .flatMap(List::stream)
              .allMatch(condition -> condition.getType().equals("Approved"))
          && !request.getStatus().getConditions().isEmpty();
    }
  }
}
