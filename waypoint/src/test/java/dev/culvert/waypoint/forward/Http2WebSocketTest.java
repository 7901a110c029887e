// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static dev.culvert.waypoint.peers.Http2Peer.names;
import static dev.culvert.waypoint.peers.Http2Peer.request;
import static dev.culvert.waypoint.peers.Http2Peer.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.Wire;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** WebSocket in HTTP/2 (RFC 8441) on either side and on both. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http2WebSocketTest extends Http2ForwardingCase {
  @Test
  void webSocketOfHttp2ReachesHttp1() throws Exception {
    toHttp1(
        Backend.of(
            wire -> {
              Wire.Message head = wire.readHead();
              assertThat(head.line()).isEqualTo("GET /chat HTTP/1.1");
              assertThat(head.field("sec-websocket-key")).isPresent();
              wire.send(
                  "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
                      + "connection: upgrade\r\nsec-websocket-accept: x\r\n\r\n");
              wire.send("echo " + wire.text(4));
              wire.rest();
            }));
    Http2Peer.Stream chat =
        client.open(
            request("CONNECT", "/chat", ":protocol", "websocket", "sec-websocket-version", "13"),
            false);
    assertThat(chat.headers().status()).hasToString("200");
    chat.send("ping", false);
    assertThat(chat.body(9)).isEqualTo("echo ping");
  }

  @Test
  void webSocketOfHttp1ReachesHttp2() throws Exception {
    toHttp2();
    try (Wire chat = waypoint.connect()) {
      chat.send(
          "GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
      Http2Peer.Stream served = http2.request();
      Http2Headers asked = served.headers();
      assertThat(asked.method()).hasToString("CONNECT");
      assertThat(asked.get(":protocol")).hasToString("websocket");
      assertThat(asked.path()).hasToString("/chat");
      assertThat(names(asked)).doesNotContain("sec-websocket-key", "upgrade", "connection");
      served.send(response(200), false);
      Wire.Message head = chat.readHead();
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.field("sec-websocket-accept"))
          .as("as in RFC 6455, section 1.3")
          .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      chat.send("ping");
      assertThat(served.body(4)).isEqualTo("ping");
      served.send("pong", false);
      assertThat(chat.text(4)).isEqualTo("pong");
    }
  }

  @Test
  void webSocketOfHttp2ReachesHttp2() throws Exception {
    toHttp2();
    Http2Peer.Stream chat =
        client.open(
            request("CONNECT", "/chat", ":protocol", "websocket", "sec-websocket-version", "13"),
            false);
    Http2Peer.Stream served = http2.request();
    assertThat(served.headers().get(":protocol")).hasToString("websocket");
    served.send(response(200), false).send("hello", false);
    Http2Headers head = chat.headers();
    assertThat(head.status()).hasToString("200");
    assertThat(names(head)).doesNotContain("sec-websocket-accept", "upgrade");
    assertThat(chat.body(5)).isEqualTo("hello");
    chat.send("ping", true);
    assertThat(served.body(4)).isEqualTo("ping");
  }
}
