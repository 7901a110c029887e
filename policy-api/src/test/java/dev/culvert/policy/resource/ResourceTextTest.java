// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.yaml.YamlDocuments;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceTextTest {
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: store, labels: {b: "2", a: "1"}}
      spec:
        parentRefs: [{group: "", kind: Service, name: store, port: 80}]
        hostnames: ["*.shop.example"]
        rules:
        - matches:
          - path: {type: RegularExpression, value: "/v[12]/.*"}
            headers: [{name: X-Canary, value: "yes"}]
          filters:
          - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: "b: c"}]}}
          backendRefs: [{name: store-v2, port: 80, weight: 3}]
      """;
  private static final String POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: no-admin, namespace: shop, annotations: {culvert.dev/dry-run: "true"}}
      spec:
        targetRefs: [{group: "", kind: Service, name: store}]
        action: DENY
        rules:
        - to: [{operation: {paths: ["/admin/{**}"], ports: ["80"]}}]
          when: [{key: "request.headers[x]", values: ["true", "1"]}]
      """;

  private static WrittenResource written(String yaml) {
    List<WrittenResource> all = ResourceFiles.empty().with(Map.of("r.yaml", yaml)).written();
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  private static ObjectReading read(String text) throws Exception {
    return ObjectReading.of("r", YamlDocuments.read(text).getFirst());
  }

  private static final String SECRET =
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: tls, namespace: shop}
      type: kubernetes.io/tls
      data: {tls.crt: Y2VydA==, tls.key: a2V5}
      """;
  private static final String NAMESPACE =
      "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {door: open}}}";

  @Test
  void textReadsAsTheResource() throws Exception {
    for (String yaml : List.of(ROUTE, POLICY, SECRET, NAMESPACE)) {
      WrittenResource written = written(yaml);
      ObjectReading read = read(written.text());
      assertThat(read.errors()).isEmpty();
      assertThat(read.resource()).contains(written.resource());
      assertThat(read.text()).contains(written.text());
    }
  }

  @Test
  void textIsTheSameForTheSameContent() {
    String other =
        """
        kind: "AuthorizationPolicy"
        apiVersion: policy.culvert.dev/v1alpha1
        status: {conditions: [{type: Accepted, status: "True"}]}
        metadata:
          namespace: shop
          name: no-admin
          uid: 1234-5678
          generation: 7
          resourceVersion: "81"
          creationTimestamp: null
          labels: {}
          managedFields: []
          annotations:
            culvert.dev/dry-run: 'true'
            kubectl.kubernetes.io/last-applied-configuration: "{}"
        spec:
          action: DENY
          selector: null
          rules:
          - when:
            - {values: ["true", "1"], key: "request.headers[x]"}
            to: [{operation: {ports: ['80'], paths: ["/admin/{**}"]}}]
          targetRefs:
          - kind: Service
            name: store
            group: ""
        """;
    assertThat(written(other).text()).isEqualTo(written(POLICY).text());
  }

  @Test
  void namespaceIsWrittenOut() {
    assertThat(written(ROUTE).text()).contains("\"namespace\":\"default\"");
  }

  @Test
  void textOfAClosedPolicyIsWhatHasTheError() throws Exception {
    WrittenResource written = written(POLICY.replace("paths", "pahts"));
    ObjectReading read = read(written.text());
    assertThat(read.resource()).isEmpty();
    assertThat(read.standIn()).contains(written.resource());
  }

  @Test
  void misspeltMetadataStaysAnError() throws Exception {
    ObjectReading read = read(written(POLICY.replace("annotations", "anotations")).text());
    assertThat(read.errors()).hasSize(1);
  }

  @Test
  void onlyWhatInstancesOfGatewaysAreToldHasAText() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "r.yaml",
                    """
                    {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80}]}}
                    ---
                    apiVersion: policy.culvert.dev/v1alpha1
                    kind: PeerAuthentication
                    metadata: {name: p}
                    spec: {mtls: {mode: STRICT}}
                    """));
    assertThat(files.errors()).isEmpty();
    assertThat(files.written()).isEmpty();
  }
}
