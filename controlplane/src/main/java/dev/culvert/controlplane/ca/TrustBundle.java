// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** The roots that proxies trust, in a ConfigMap that they mount. Written by the leader. */
public final class TrustBundle implements Runnable {
  /** The name of the ConfigMap; the certificates are in its {@code root-cert.pem}. */
  public static final String CONFIG_MAP = "culvert-ca-root-cert";

  private static final String WRITER = "culvert-controlplane";

  private final KubernetesClient client;
  private final String namespace;
  private final CertificateAuthority authority;
  private final BooleanSupplier leads;

  /**
   * @param leads whether this replica may write now
   */
  public TrustBundle(
      KubernetesClient client,
      String namespace,
      CertificateAuthority authority,
      BooleanSupplier leads) {
    this.client = client;
    this.namespace = namespace;
    this.authority = authority;
    this.leads = leads;
  }

  /** The roots of an authority as PEM, one after another. */
  public static String text(CertificateAuthority authority) {
    return authority.roots().stream().map(Pem::of).collect(Collectors.joining());
  }

  /** Writes it when it is not there or says something else. */
  @Override
  public void run() {
    Map<String, String> data = Map.of(RootStore.CERTIFICATE, text(authority));
    if (!leads.getAsBoolean() || data.equals(written())) {
      return;
    }
    ConfigMap bundle =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(CONFIG_MAP)
            .withNamespace(namespace)
            .endMetadata()
            .withData(data)
            .build();
    client.resource(bundle).fieldManager(WRITER).forceConflicts().serverSideApply();
  }

  private Map<String, String> written() {
    ConfigMap there = client.configMaps().inNamespace(namespace).withName(CONFIG_MAP).get();
    return there == null || there.getData() == null ? Map.of() : there.getData();
  }
}
