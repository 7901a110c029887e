// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static dev.culvert.waypoint.peers.Http2Peer.get;
import static dev.culvert.waypoint.peers.Http2Peer.request;
import static dev.culvert.waypoint.peers.Http2Peer.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.accept.AcceptSettings;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that are reset, refused, held up or cut short. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
final class Http2StreamEndsTest extends Http2ForwardingCase {
  @Test
  void resetOfTheClientReachesTheBackend() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(request("POST", "/", "x", "y"), false);
    Http2Peer.Stream served = http2.request();
    served.headers();
    call.send(Http2Error.CANCEL);
    assertThat(served.reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(waypoint.first().flag()).isEqualTo("DC");
  }

  @Test
  void resetOfTheBackendIs503() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(get("/"), true);
    Http2Peer.Stream served = http2.request();
    served.headers();
    served.send(Http2Error.INTERNAL_ERROR);
    assertThat(call.headers().status()).hasToString("503");
    assertThat(waypoint.first().flag()).isEqualTo("UR");
  }

  @Test
  void refusedStreamIsOpenedAgain() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(request("POST", "/"), true);
    Http2Peer.Stream served = http2.request();
    served.headers();
    served.send(Http2Error.REFUSED_STREAM);
    Http2Peer.Stream again = http2.request();
    again.headers();
    again.send(response(204), true);
    assertThat(call.headers().status()).hasToString("204");
  }

  @Test
  void clientThatDoesNotReadHoldsTheBackend() throws Exception {
    java.util.concurrent.atomic.AtomicLong sent = new java.util.concurrent.atomic.AtomicLong();
    long all = 128L * 1024 * 1024;
    toHttp1(
        Backend.of(
            wire -> {
              wire.readHead();
              wire.send("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n".formatted(all));
              byte[] part = new byte[64 * 1024];
              while (sent.get() < all) {
                wire.send(part);
                sent.addAndGet(part.length);
              }
            }));
    Http2Peer.Stream slow = client.open(get("/"), true);
    slow.pause();
    Stall.await(sent);
    assertThat(sent.get()).isLessThan(all / 4);
  }

  @Test
  void backendThatDoesNotReadHoldsTheClient() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    toHttp1(
        Backend.of(
            wire -> {
              wire.readHead();
              try {
                read.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
    Http2Peer.Stream fast = client.open(request("PUT", "/"), false);
    String part = "x".repeat(64 * 1024);
    int parts = 1_000;
    for (int i = 0; i < parts; i++) {
      fast.send(part, false);
    }
    Stall.await(fast.sent());
    assertThat(fast.sent().get()).isLessThan(parts * (long) part.length() / 4);
    read.countDown();
  }

  @Test
  void drainLetsStreamsEnd() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(get("/"), true);
    Http2Peer.Stream served = http2.request();
    served.headers();
    waypoint.listener().drain();
    served.send(response(200), false).send("ok", true);
    assertThat(call.headers().status()).hasToString("200");
    assertThat(call.body(2)).isEqualTo("ok");
    Await.until("the connection ends", () -> !client.isOpen());
  }

  @Test
  void backendThatSwitchesProtocolsHarmsItsOwnRequestOnly() throws Exception {
    toHttp2();
    Http2Peer.Stream other = client.open(request("GET", "/other"), true);
    Http2Peer.Stream served = http2.request();
    Http2Peer.Stream stream = client.open(get("/"), true);
    http2.request().send(response(101), false);
    assertThat(stream.headers().status()).hasToString("502");
    served.send(response(200), true);
    assertThat(other.headers().status()).hasToString("200");
  }

  @Test
  void responseThatGoesOnIsNoIdleStream() throws Exception {
    toHttp2WithASecondOfPatience();
    Http2Peer.Stream stream = client.open(get("/"), true);
    Http2Peer.Stream served = http2.request().send(response(200), false);
    assertThat(stream.headers().status()).hasToString("200");
    for (int i = 0; i < 25; i++) {
      TimeUnit.MILLISECONDS.sleep(100); // of the time itself it is that this tells
      served.send("x", false);
      assertThat(stream.body(1)).isEqualTo("x");
    }
    served.send("", true);
  }

  @Test
  void streamThatStandsStillEndsAlone() throws Exception {
    toHttp2WithASecondOfPatience();
    Http2Peer.Stream still = client.open(request("POST", "/"), false);
    Http2Peer.Stream moving = client.open(get("/"), true);
    http2.request();
    Http2Peer.Stream served = http2.request().send(response(200), false);
    assertThat(moving.headers().status()).hasToString("200");
    for (int i = 0; i < 25; i++) {
      TimeUnit.MILLISECONDS.sleep(100);
      served.send("x", false);
      assertThat(moving.body(1)).isEqualTo("x");
    }
    assertThat(still.headers().status()).hasToString("408");
    served.send("y", true);
    assertThat(moving.body(1)).isEqualTo("y");
    assertThat(waypoint.first().flag()).isEqualTo("SI");
  }

  /** Else each would keep its place on the connection to the backend. */
  @Test
  void responseBeforeTheEndOfItsRequestEndsBoth() throws Exception {
    toHttp2();
    for (String body : List.of("", "too long")) {
      Http2Peer.Stream upload = client.open(request("POST", "/"), false);
      Http2Peer.Stream served = http2.request();
      served.headers();
      served.send(response(413), body.isEmpty());
      if (!body.isEmpty()) {
        served.send(body, true);
      }
      assertThat(upload.headers().status()).hasToString("413");
      assertThat(served.reset()).isEqualTo(Http2Error.CANCEL);
    }
    Http2Peer.Stream next = client.open(get("/"), true);
    http2.request().send(response(200), true);
    assertThat(next.headers().status()).hasToString("200");
    assertThat(http2.connections()).isEqualTo(1);
  }

  private void toHttp2WithASecondOfPatience() throws Exception {
    AcceptSettings standard = AcceptSettings.STANDARD;
    AcceptSettings quick =
        new AcceptSettings(
            standard.maxHeadBytes(),
            standard.maxHeaders(),
            standard.headTimeout(),
            standard.keepAlive(),
            Duration.ofSeconds(1),
            standard.maxStreams(),
            standard.streamWindow());
    http2 = Http2Peer.server();
    waypoint =
        TestWaypoint.of(
            transport,
            quick,
            TestWaypoint.plan(Timeouts.NONE, Retries.STANDARD, Protocol.HTTP2, http2.address()));
    client = Http2Peer.client(waypoint.listener().address());
  }
}
