// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import com.google.rpc.Status;
import dev.culvert.policy.wire.authz.AttributeContext;
import dev.culvert.policy.wire.authz.AuthorizationGrpc;
import dev.culvert.policy.wire.authz.CheckRequest;
import dev.culvert.policy.wire.authz.CheckResponse;
import dev.culvert.policy.wire.authz.DeniedHttpResponse;
import dev.culvert.policy.wire.authz.HeaderValue;
import dev.culvert.policy.wire.authz.HeaderValueOption;
import dev.culvert.policy.wire.authz.HttpStatus;
import dev.culvert.policy.wire.authz.OkHttpResponse;
import dev.culvert.policy.wire.authz.QueryParameter;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies of action CUSTOM, whose providers speak gRPC (grpc-java) and HTTP. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class ExternalAuthorizationTest {
  private static final String TARGET =
      "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]";

  @Parameter Transport transport;
  @TempDir private Path folder;

  private final List<AttributeContext> asked = new CopyOnWriteArrayList<>();
  private Function<AttributeContext, CheckResponse> opinion = context -> allowed();
  private Server provider;
  private Backend httpProvider;
  private Backend backend;
  private TestDoor door;

  static List<Transport> transports() {
    return Transports.all();
  }

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    provider =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Authorizer())
            .build()
            .start();
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "shop.example.com");
    door.write("web.yaml", TestDoor.service("shop", "web", backend));
    door.write("authz.yaml", TestDoor.service("security", "authz", provider.getPort()));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
    provider.shutdownNow();
    if (httpProvider != null) {
      httpProvider.close();
    }
  }

  private final class Authorizer extends AuthorizationGrpc.AuthorizationImplBase {
    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> told) {
      asked.add(request.getAttributes());
      CheckResponse response = opinion.apply(request.getAttributes());
      if (response != null) {
        told.onNext(response);
        told.onCompleted();
      }
    }
  }

  private static CheckResponse allowed() {
    return CheckResponse.newBuilder().setStatus(Status.getDefaultInstance()).build();
  }

  private static CheckResponse allowed(OkHttpResponse.Builder how) {
    return allowed().toBuilder().setOkResponse(how).build();
  }

  private static CheckResponse denied() {
    return CheckResponse.newBuilder().setStatus(Status.newBuilder().setCode(7)).build();
  }

  private static HeaderValueOption.Builder field(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value));
  }

  /** Opens the door, with policies that ask the provider for everything below /ask. */
  private void open(String settings, String... policies) throws IOException {
    door.write(
        "mesh.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: |
            accessLogFile: /dev/stdout
            extensionProviders:
              - name: traces
                zipkin: {service: zipkin.tracing.svc.cluster.local, port: 9411}
              - name: authz
                %s
        """
            .formatted(settings));
    door.write(
        "policy.yaml",
        TestDoor.policy(
                "shop",
                "ask",
                TARGET
                    + ", action: CUSTOM, provider: {name: authz}"
                    + ", rules: [{to: [{operation: {paths: ['/ask*']}}]}]")
            + String.join("", policies));
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  private void openGrpc(String more, String... policies) throws IOException {
    open(
        "envoyExtAuthzGrpc: {service: authz.security.svc.cluster.local, port: 80%s}"
            .formatted(more),
        policies);
  }

  private void openHttp(Backend.Script script, String more) throws IOException {
    httpProvider = Backend.of(script);
    door.write("authz.yaml", TestDoor.service("security", "authz", httpProvider));
    open(
        "envoyExtAuthzHttp: {service: authz.security.svc.cluster.local, port: 80%s}"
            .formatted(more));
  }

  private Wire.Message ask(String method, String path, String... fields) throws IOException {
    return door.askHost("shop.example.com", method, path, fields);
  }

  private Wire.Message post(String path, String body) throws IOException {
    try (Wire wire = door.connect()) {
      wire.send(
          "POST %s HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(path, body.length(), body));
      return wire.read();
    }
  }

  @Test
  void providerAllows() throws IOException {
    openGrpc("");
    Wire.Message answer = ask("GET", "/ask?q=1", "X-Key: a", "X-Key: b");
    assertThat(answer.status()).isEqualTo(200);
    AttributeContext.HttpRequest http = asked.getFirst().getRequest().getHttp();
    assertThat(http.getMethod()).isEqualTo("GET");
    assertThat(http.getPath()).isEqualTo("/ask?q=1");
    assertThat(http.getHost()).isEqualTo("shop.example.com");
    assertThat(http.getScheme()).isEqualTo("http");
    assertThat(http.getProtocol()).isEqualTo("HTTP/1.1");
    assertThat(http.getId()).isNotEmpty();
    assertThat(http.getHeadersMap())
        .containsEntry("x-key", "a,b")
        .containsEntry("x-forwarded-for", "127.0.0.1");
    assertThat(asked.getFirst().getSource().getAddress().getSocketAddress().getAddress())
        .isEqualTo("127.0.0.1");
  }

  @Test
  void answersOfTheProviderAreCounted() throws IOException {
    openGrpc("");
    ask("GET", "/ask");
    opinion = context -> denied();
    ask("GET", "/ask");
    provider.shutdownNow();
    ask("GET", "/ask");
    assertThat(door.metrics())
        .contains(
            "culvert_external_authorization_seconds_count{outcome=\"allowed\",provider=\"authz\"} 1",
            "culvert_external_authorization_seconds_count{outcome=\"denied\",provider=\"authz\"} 1",
            "culvert_external_authorization_seconds_count{outcome=\"failed\",provider=\"authz\"} 1");
  }

  @Test
  void requestOfNoRuleIsNotAskedAbout() throws IOException {
    openGrpc("");
    assertThat(ask("GET", "/").status()).isEqualTo(200);
    assertThat(asked).isEmpty();
  }

  @Test
  void providerDeniesInItsOwnWords() throws IOException {
    opinion =
        context ->
            denied().toBuilder()
                .setDeniedResponse(
                    DeniedHttpResponse.newBuilder()
                        .setStatus(HttpStatus.newBuilder().setCode(401))
                        .addHeaders(field("www-authenticate", "Basic"))
                        .setBody("who are you?"))
                .build();
    openGrpc("");
    Wire.Message answer = ask("GET", "/ask");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.field("www-authenticate")).contains("Basic");
    assertThat(answer.body()).isEqualTo("who are you?");
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void providerDeniesWithoutAWord() throws IOException {
    opinion = context -> denied();
    openGrpc("");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void allowedRequestIsChangedAsTheProviderSays() throws IOException {
    opinion =
        context ->
            allowed(
                OkHttpResponse.newBuilder()
                    .addHeaders(field("x-user", "ann"))
                    .addHeaders(field("x-more", "2").setAppend(BoolValue.of(true)))
                    .addHeaders(field("host", "elsewhere"))
                    .addHeadersToRemove("authorization")
                    .addHeadersToRemove("host")
                    .addResponseHeadersToAdd(field("x-seen", "by authz"))
                    .addQueryParametersToSet(QueryParameter.newBuilder().setKey("b").setValue("3"))
                    .addQueryParametersToRemove("c"));
    openGrpc("");
    Wire.Message answer =
        ask("GET", "/ask?a=1&b=2&c=3", "X-User: forged", "X-More: 1", "Authorization: secret");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("x-seen")).contains("by authz");
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.line()).isEqualTo("GET /ask?a=1&b=3 HTTP/1.1");
    assertThat(request.field("x-user")).contains("ann");
    assertThat(request.fields())
        .filteredOn(field -> field.toLowerCase(Locale.ROOT).startsWith("x-more"))
        .hasSize(2);
    assertThat(request.field("authorization")).isEmpty();
    assertThat(request.field("host")).contains("shop.example.com");
  }

  @Test
  void fieldThatCannotBeIsNoAnswer() throws IOException {
    opinion = context -> allowed(OkHttpResponse.newBuilder().addHeaders(field("a b", "c")));
    openGrpc("");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void denyAndAllowDecideOnWhatTheProviderLetsThrough() throws IOException {
    opinion =
        context -> allowed(OkHttpResponse.newBuilder().addHeaders(field("x-group", "guests")));
    openGrpc(
        "",
        TestDoor.policy(
            "shop",
            "no-guests",
            TARGET
                + ", action: DENY, rules: [{to: [{operation: {paths: [/ask/admin]}}],"
                + " when: [{key: 'request.headers[x-group]', values: [guests]}]}]"));
    assertThat(ask("GET", "/ask/shoes").status()).isEqualTo(200);
    assertThat(ask("GET", "/ask/admin").status()).isEqualTo(403);
    assertThat(asked).as("CUSTOM comes before DENY").hasSize(2);
  }

  @Test
  void withoutAProviderNothingIsLetThrough() throws IOException {
    provider.shutdownNow();
    openGrpc("");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void statusOnError() throws IOException {
    provider.shutdownNow();
    openGrpc(", statusOnError: '503'");
    assertThat(ask("GET", "/ask").status()).isEqualTo(503);
  }

  @Test
  void failOpenLetsThroughWhatNobodyDecidesOn() throws IOException {
    provider.shutdownNow();
    openGrpc(", failOpen: true");
    assertThat(ask("GET", "/ask").status()).isEqualTo(200);
  }

  @Test
  void providerThatDoesNotAnswerInTimeAllowsNothing() throws IOException {
    opinion = context -> null;
    openGrpc(", timeout: 0.05s");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void nothingIsForwardedBeforeTheProviderAnswered() throws IOException {
    opinion = context -> null;
    openGrpc("");
    try (Wire wire = door.connect()) {
      wire.send("POST /ask HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: 4\r\n\r\nbody");
      Await.until("it was asked", () -> !asked.isEmpty());
      assertThat(backend.connections()).isZero();
    }
  }

  @Test
  void bodyWaitsAndGoesOnWholeAfterwards() throws IOException {
    openGrpc("");
    String body = "0123456789".repeat(100_000);
    assertThat(post("/ask", body).body()).isEqualTo("POST /ask HTTP/1.1|" + body);
    assertThat(asked.getFirst().getRequest().getHttp().getBody()).isEmpty();
  }

  @Test
  void bodyIsToldToAProviderThatWantsIt() throws IOException {
    openGrpc(", includeRequestBodyInCheck: {maxRequestBytes: 1000000}");
    String body = "0123456789".repeat(100_000);
    assertThat(post("/ask", body).body()).isEqualTo("POST /ask HTTP/1.1|" + body);
    AttributeContext.HttpRequest http = asked.getFirst().getRequest().getHttp();
    assertThat(http.getBody()).isEqualTo(body);
    assertThat(http.getHeadersMap()).containsEntry("x-envoy-auth-partial-body", "false");
  }

  @Test
  void longerBodyThanItWantsIsRefused() throws IOException {
    openGrpc(", includeRequestBodyInCheck: {maxRequestBytes: 4}");
    assertThat(post("/ask", "12345").status()).isEqualTo(413);
    assertThat(post("/ask", "1234").status()).isEqualTo(200);
    assertThat(asked).hasSize(1);
  }

  @Test
  void ofALongerBodyTheBeginningIsTold() throws IOException {
    openGrpc(
        ", includeRequestBodyInCheck:"
            + " {maxRequestBytes: 4, allowPartialMessage: true, packAsBytes: true}");
    assertThat(post("/ask", "123456").body()).isEqualTo("POST /ask HTTP/1.1|123456");
    AttributeContext.HttpRequest http = asked.getFirst().getRequest().getHttp();
    assertThat(http.getRawBody().toStringUtf8()).isEqualTo("1234");
    assertThat(http.getHeadersMap()).containsEntry("x-envoy-auth-partial-body", "true");
  }

  @Test
  void clientThatWaitsForAWordIsAskedForItsBody() throws IOException {
    openGrpc(", includeRequestBodyInCheck: {maxRequestBytes: 100}");
    try (Wire wire = door.connect()) {
      wire.send("POST /ask HTTP/1.1\r\nHost: shop.example.com\r\n");
      wire.send("Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
      assertThat(wire.readHead().status()).isEqualTo(100);
      wire.send("body");
      assertThat(wire.read().body()).isEqualTo("POST /ask HTTP/1.1|body");
    }
  }

  @Test
  void unknownProviderIsDenied() throws IOException {
    openGrpc(
        "",
        TestDoor.policy(
            "shop",
            "other",
            TARGET
                + ", action: CUSTOM,"
                + " provider: {name: nobody}, rules: [{to: [{operation: {paths: [/other]}}]}]"));
    assertThat(ask("GET", "/other").status()).isEqualTo(403);
    assertThat(ask("GET", "/").status()).isEqualTo(200);
  }

  private static Backend.Script answering(List<Wire.Message> seen, String... answers) {
    return wire -> {
      for (int i = 0; ; i++) {
        seen.add(wire.read());
        wire.send(answers[Math.min(i, answers.length - 1)]);
      }
    };
  }

  @Test
  void httpProviderAllows() throws IOException {
    List<Wire.Message> seen = new CopyOnWriteArrayList<>();
    openHttp(
        answering(
            seen,
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-user: ann\r\nx-other: 1\r\nset-cookie: a=b\r\n\r\n"),
        ", pathPrefix: /check, includeRequestHeadersInCheck: ['x-key*'],"
            + " includeAdditionalHeadersInCheck: {x-from: door},"
            + " headersToUpstreamOnAllow: [x-user], headersToDownstreamOnAllow: [set-cookie]");
    Wire.Message answer =
        ask(
            "PUT",
            "/ask?q=1",
            "X-Key-A: 1",
            "X-Secret: 2",
            "Authorization: t",
            "X-User: forged",
            "X_User: forged");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("set-cookie")).contains("a=b");
    Wire.Message check = seen.getFirst();
    assertThat(check.line()).isEqualTo("PUT /check/ask?q=1 HTTP/1.1");
    assertThat(check.field("host")).contains("shop.example.com");
    assertThat(check.field("x-key-a")).contains("1");
    assertThat(check.field("x-from")).contains("door");
    assertThat(check.field("authorization")).contains("t");
    assertThat(check.field("x-secret")).isEmpty();
    assertThat(check.field("content-length")).contains("0");
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.field("x-user")).contains("ann");
    assertThat(request.field("x_user")).isEmpty();
    assertThat(request.field("x-other")).isEmpty();
  }

  @Test
  void httpProviderDenies() throws IOException {
    List<Wire.Message> seen = new CopyOnWriteArrayList<>();
    openHttp(
        answering(
            seen,
            "HTTP/1.1 302 Found\r\nlocation: /login\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 4\r\n\r\ngo!\n"),
        ", headersToDownstreamOnDeny: [x-a]");
    Wire.Message answer = ask("GET", "/ask");
    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.field("location")).contains("/login");
    assertThat(answer.field("x-a")).contains("1");
    assertThat(answer.field("x-b")).isEmpty();
    assertThat(answer.body()).isEqualTo("go!\n");
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void httpProviderThatFailsAllowsNothing() throws IOException {
    openHttp(
        answering(new CopyOnWriteArrayList<>(), "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"),
        "");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void httpProviderGetsTheBody() throws IOException {
    List<Wire.Message> seen = new CopyOnWriteArrayList<>();
    openHttp(
        answering(seen, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        ", includeRequestBodyInCheck: {maxRequestBytes: 100}");
    assertThat(post("/ask", "hello").body()).isEqualTo("POST /ask HTTP/1.1|hello");
    assertThat(seen.getFirst().body()).isEqualTo("hello");
  }
}
