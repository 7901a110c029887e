// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.waypoint.accept.ClientStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A response on its way to the client. On its event loop. */
final class Reply {
  private final ClientStream client;
  private final Account account;
  private List<Consumer<HttpResponse>> changes = List.of();
  private boolean begun;

  Reply(ClientStream client, Account account) {
    this.client = client;
    this.account = account;
  }

  /** Whether a final head was sent: nothing else can be answered then. */
  boolean hasBegun() {
    return begun;
  }

  /** Called with the final head before it is sent. */
  void change(Consumer<HttpResponse> change) {
    if (changes.isEmpty()) {
      changes = new ArrayList<>(2);
    }
    changes.add(change);
  }

  void head(HttpResponse head) {
    int status = head.status().code();
    if (status >= 200 || status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      begun = true;
      account.answered(status, head.headers());
      for (int i = 0; i < changes.size(); i++) {
        changes.get(i).accept(head);
      }
    }
    client.respond(head);
  }

  void data(ByteBuf data) {
    account.sent(data);
    client.write(data);
  }

  /** Head and body of an answer of ours, in the language of who asked. */
  void local(LocalAnswer answer, HttpHeaders request) {
    boolean grpc = answer.status() >= 400 && GrpcAnswer.isCall(request);
    ByteBuf body = grpc ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(answer.body(), UTF_8);
    HttpResponse head =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1,
            grpc ? HttpResponseStatus.OK : HttpResponseStatus.valueOf(answer.status()),
            answer.headers().copy());
    if (grpc) {
      GrpcAnswer.write(answer, head.headers());
    }
    head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    head(head);
    // HTTP/2 writes whatever it is given, and clients take content of HEAD for an error.
    if (body.isReadable() && !account.method().equals("HEAD")) {
      data(body);
    } else {
      body.release();
    }
  }

  void end(HttpHeaders trailers) {
    client.end(trailers);
    client.flush();
  }
}
