// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import dev.culvert.policy.wire.authz.AttributeContext;
import dev.culvert.policy.wire.authz.DeniedHttpResponse;
import dev.culvert.policy.wire.authz.HttpStatus;
import dev.culvert.policy.wire.authz.OkHttpResponse;
import dev.culvert.policy.wire.authz.QueryParameter;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a provider of gRPC decides, and what it changes. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class ExternalAuthorizationTest extends AskedProviderCase {
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
}
