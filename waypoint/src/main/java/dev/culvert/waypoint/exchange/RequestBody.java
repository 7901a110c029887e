// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.http.BodyFraming;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.StreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way from the client: it waits until a phase hands it on. Its bound is the
 * client's window; for a phase that needs to see it, the window is given back up to that phase's
 * own bound, and is not given back again when the bytes go on. On its event loop.
 */
final class RequestBody {
  private final ClientStream client;
  private final HttpHeaders head;
  private final boolean none;
  private final WaitingBody waiting = new WaitingBody();
  private HttpStream.@Nullable Events taker;
  private @Nullable Runnable gathered;
  private @Nullable Consumer<HttpHeaders> trailersChange;
  private int wanted;
  private int given;
  private boolean ended;

  RequestBody(ClientStream client, HttpRequest request) {
    this.client = client;
    this.head = request.headers();
    this.none = BodyFraming.isNone(head);
  }

  /** Whether the head said that there is none. */
  boolean isNone() {
    return none;
  }

  // === what a phase does with it ===

  /** Calls when the body is whole, or longer than this; perhaps at once. */
  void gather(int most, Runnable then) {
    if (none) {
      then.run();
      return;
    }
    askForIt();
    wanted = most;
    gathered = then;
    giveBack(waiting.bytes() - given);
    tellIfGathered();
  }

  private void askForIt() {
    if (head.containsValue(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true)) {
      head.remove(HttpHeaderNames.EXPECT);
      client.respond(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
      client.flush();
    }
  }

  private void giveBack(int bytes) {
    given += bytes;
    client.consumed(bytes);
  }

  private void tellIfGathered() {
    Runnable told = gathered;
    if (told != null && (ended || waiting.bytes() > wanted)) {
      gathered = null;
      told.run();
    }
  }

  boolean isGathered() {
    return none || ended;
  }

  /** The beginning of what waits, which goes on waiting. */
  byte[] copy(int most) {
    return waiting.copy(most);
  }

  /** Called with trailers before anybody gets them. */
  void onTrailers(Consumer<HttpHeaders> change) {
    trailersChange = change;
  }

  /** Hands it on, from its first byte. */
  void forwardTo(HttpStream.Events next) {
    taker = next;
    waiting.pour(next);
  }

  boolean isForwarded() {
    return taker != null;
  }

  /** So many bytes went on; returns how many of them the client is to hear of now. */
  int consumed(int bytes) {
    int known = Math.min(given, bytes);
    given -= known;
    return bytes - known;
  }

  /** Nobody wants it any more. */
  void release() {
    gathered = null;
    waiting.release();
  }

  // === what comes of it ===

  void data(ByteBuf data) {
    if (taker != null) {
      taker.data(data);
      return;
    }
    int bytes = data.readableBytes();
    waiting.add(data);
    if (gathered != null) {
      giveBack(bytes);
      tellIfGathered();
    }
  }

  void ended(HttpHeaders trailers) {
    if (trailersChange != null && !trailers.isEmpty()) {
      trailersChange.accept(trailers);
    }
    if (taker != null) {
      taker.ended(trailers);
      return;
    }
    ended = true;
    waiting.end(trailers);
    tellIfGathered();
  }

  void dataComplete() {
    if (taker != null) {
      taker.dataComplete();
    }
  }

  void writable() {
    if (taker != null) {
      taker.writable();
    }
  }

  void failed(StreamFailure failure) {
    if (taker != null) {
      taker.failed(failure);
    }
  }
}
