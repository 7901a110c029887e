// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.util.Locale;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What of a request's head and trailers a backend is told by HTTP/1. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1HeadsTest extends Http1Case {
  @Test
  void eachAddressToldBeforeIsPassedOn() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 198.18.0.1\r\n"
              + "X-Forwarded-For: 198.18.0.2, 198.18.0.3\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().field("x-forwarded-for"))
        .contains("198.18.0.1, 198.18.0.2, 198.18.0.3, 127.0.0.1");
  }

  /** Of an app that reads the standard's field the client could else be anybody (RFC 7239). */
  @Test
  void clientIsToldBehindItsOwnWordInForwardedToo() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: shop\r\nForwarded: for=198.18.0.1;proto=https\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      client.send(GET);
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().fields())
        .filteredOn(field -> field.toLowerCase(Locale.ROOT).startsWith("forwarded:"))
        .last(InstanceOfAssertFactories.STRING)
        .isEqualToIgnoringCase("forwarded: for=127.0.0.1;proto=http");
    assertThat(backend.requests().getLast().field("forwarded")).isEmpty();
  }

  @Test
  void clientIsNoProxyWhoseWordCounts() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nX-Envoy-Internal: true\r\n"
              + "X-Envoy-External-Address: 198.18.0.1\r\nX-Envoy-Original-Path: /a\r\n"
              + "X-Envoy-Peer-Metadata: a\r\nX-Envoy-Peer-Metadata-Id: b\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().fields())
        .noneMatch(field -> field.toLowerCase(Locale.ROOT).startsWith("x-envoy"));
  }

  /** Backends that hand fields on as variables cannot tell them apart. */
  @Test
  void fieldThatOnlyLooksLikeAProxysIsNotPassedOn() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nX_Forwarded_For: 198.18.0.1\r\n"
              + "x-forwarded_proto: https\r\nx_forwarded_client_cert: URI=forged\r\n"
              + "X_Envoy_Internal: true\r\nsnake_case: 1\r\nx-forwarded-host: told\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.fields()).filteredOn(field -> field.contains("_")).hasSize(1);
    assertThat(request.field("snake_case")).contains("1");
    assertThat(request.field("x-forwarded-for")).contains("127.0.0.1");
    assertThat(request.field("x-forwarded-host")).contains("told");
  }

  @Test
  void backendSeesTheRequestAndWhoSentIt() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "POST /a/../b?c HTTP/1.1\r\nHost: shop\r\nX-One: 1\r\nConnection: close, x-one\r\n"
              + "X-Forwarded-Client-Cert: forged\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(client.read().body()).isEqualTo("POST /b?c HTTP/1.1|abc");
      assertThat(client.isEnded()).isTrue();
    }
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.field("host")).contains("shop");
    assertThat(request.field("x-forwarded-for")).contains("127.0.0.1");
    assertThat(request.field("x-forwarded-proto")).contains("http");
    assertThat(request.field("x-one")).as("named by connection").isEmpty();
    assertThat(request.field("x-forwarded-client-cert")).isEmpty();
    assertThat(request.field("connection")).isEmpty();
  }

  /** What Connection names goes before phases add what they know; a client cannot name that. */
  @Test
  void clientCannotHaveTakenAwayWhatAPhaseSays() throws IOException {
    backend = Backend.echo();
    Phase says =
        exchange -> {
          exchange.head().headers().set("x-user", "guest");
          return Phase.Step.NEXT;
        };
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(backend.address()), says);
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nX-User: root\r\nX-One: 1\r\n"
              + "Connection: x-user\r\nConnection: keep-alive, X-One, host\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      client.send(GET);
      assertThat(client.read().status()).as("the connection is kept").isEqualTo(200);
    }
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.field("x-user")).contains("guest");
    assertThat(request.field("x-one")).isEmpty();
    assertThat(request.field("host")).contains("shop");
  }

  @Test
  void trailersSayNothingOfWhoTheClientIs() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
              + "X-Forwarded-For: 198.18.0.1\r\nX-Forwarded-Client-Cert: forged\r\n"
              + "Forwarded: for=198.18.0.1\r\nX-Envoy-Internal: true\r\nCookie: a=b\r\n"
              + "Proxy-Authorization: x\r\nExpect: 100-continue\r\nX-Sum: 1\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().trailers()).containsExactly("X-Sum: 1");
  }
}
