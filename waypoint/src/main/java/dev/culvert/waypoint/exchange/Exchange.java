// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.accept.AcceptedRequest;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.accept.RejectedRequestException;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response, as phases see them: it ends once, whoever ends it. Until a phase
 * forwards the request, its body waits, within the bounds of the client's stream. On its event
 * loop.
 */
public final class Exchange implements HttpStream.Events {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final ClientStream client;
  private final HttpRequest head;
  private final Observer observer;
  private final LongAdder open;
  private final Account account;
  private final Findings findings = new Findings();
  private final Walk walk;
  private final RequestBody body;
  private final Reply reply;

  private @Nullable AcceptedRequest request;
  private boolean inTurn = true;
  private boolean over;

  Exchange(ClientStream client, HttpRequest head, Chain chain, LongAdder open) {
    this.client = client;
    this.head = head;
    this.observer = chain.observer();
    this.open = open;
    this.account = new Account(head);
    this.walk = new Walk(chain);
    this.body = new RequestBody(client, head);
    this.reply = new Reply(client, account);
    open.increment();
  }

  // === the phases' way ===

  /** Goes on with the next phase; by a phase that made it wait, once. */
  public void proceed() {
    try {
      if (walk.proceed(this) && !over && !body.isForwarded() && !reply.hasBegun()) {
        answer(LocalAnswer.of(404, ResponseFlag.NO_ROUTE, "no phase answered"));
      }
    } catch (RuntimeException e) {
      LOG.error("a phase failed, the request is refused", e);
      fail(500, new StreamFailure(ResponseFlag.NONE, "internal error: " + e));
    }
  }

  /** Has it go through these before the next phase of the chain; by a phase that says NEXT. */
  public void through(List<Phase> phases) {
    walk.through(phases);
  }

  /**
   * A phase waits, and is told when nobody waits for it any more.
   *
   * @param given called instead of what it waits for, when the client goes away
   */
  public void waits(Runnable given) {
    walk.waits(given);
  }

  /** What phases found out about it. */
  public Findings findings() {
    return findings;
  }

  /** What is told of it. */
  public Account account() {
    return account;
  }

  /** The connection that it came in. */
  public ClientConnection connection() {
    return client.connection();
  }

  /** Whether it ended while a phase waited. */
  public boolean isOver() {
    return over;
  }

  // === the request ===

  /** The head as it will be sent on; phases may change it. */
  public HttpRequest head() {
    return head;
  }

  /** The request as routes and policies see it. */
  public AcceptedRequest request() throws RejectedRequestException {
    if (request == null) {
      request = AcceptedRequest.of(head);
    }
    return request;
  }

  /** Whether its head says that no body follows. */
  public boolean isBodyless() {
    return body.isNone();
  }

  /**
   * Calls a phase that waits when the body is whole, or longer than it wants to know; perhaps at
   * once. A client that waits to be asked for its body is asked.
   *
   * @param most so many bytes are held for it, whatever the client's window is
   */
  public void gather(int most, Runnable then) {
    body.gather(most, then);
  }

  /** Whether all of the body was gathered. */
  public boolean isGathered() {
    return body.isGathered();
  }

  /** The beginning of what was gathered. */
  public byte[] gathered(int most) {
    return body.copy(most);
  }

  /** Called with trailers, if there are any, before anybody gets them. */
  public void onTrailers(Consumer<HttpHeaders> change) {
    body.onTrailers(change);
  }

  /** Hands the body on, from its first byte. */
  public void forwardTo(HttpStream.Events taker) {
    body.forwardTo(taker);
  }

  /** So many bytes of the request are with the backend. */
  public void consumed(int bytes) {
    int news = body.consumed(bytes);
    if (!over && news > 0) {
      client.consumed(news);
    }
  }

  /** Whether more of the request may come in this turn of the loop, and then its end. */
  public boolean isInTurn() {
    return inTurn;
  }

  // === the response ===

  /** Called with the head of the final response before it is sent, in the order of the calls. */
  public void onResponse(Consumer<HttpResponse> change) {
    reply.change(change);
  }

  /** Answers in place of a backend. */
  public void answer(LocalAnswer answer) {
    if (!reply.hasBegun() && !over) {
      account.because(answer.flag(), answer.details());
      reply.local(answer, head.headers());
      end(EmptyHttpHeaders.INSTANCE);
    }
  }

  /** Sends a head of a backend, stripped of what was meant for its connection. */
  public void respond(HttpResponse response) {
    reply.head(response);
  }

  /** Sends a part of the response's body. */
  public void write(ByteBuf data) {
    reply.data(data);
  }

  /** Sends what was queued. */
  public void flush() {
    client.flush();
  }

  /** Whether the client takes more. */
  public boolean isWritable() {
    return client.isWritable();
  }

  /** Ends the response. */
  public void end(HttpHeaders trailers) {
    if (!over) {
      account.ended(trailers);
      finish();
      reply.end(trailers);
    }
  }

  /** Nothing good can come any more: answers with the status, or breaks what has begun. */
  public void fail(int wanted, StreamFailure failure) {
    if (!reply.hasBegun()) {
      answer(LocalAnswer.of(wanted, failure.flag(), failure.problem()));
    } else if (!over) {
      account.because(failure.flag(), failure.problem());
      finish();
      client.reset();
    }
  }

  private void finish() {
    over = true;
    account.over();
    open.decrement();
    body.release();
    observer.finished(this);
  }

  // === the client's events ===

  @Override
  public void data(ByteBuf data) {
    int bytes = data.readableBytes();
    account.received(data);
    if (over) {
      data.release();
      client.consumed(bytes);
    } else {
      body.data(data);
    }
  }

  @Override
  public void ended(HttpHeaders trailers) {
    body.ended(trailers);
  }

  @Override
  public void dataComplete() {
    inTurn = false;
    body.dataComplete();
  }

  @Override
  public void writable() {
    body.writable();
  }

  @Override
  public void failed(StreamFailure failure) {
    if (!over) {
      account.because(failure.flag(), failure.problem());
      finish();
    }
    walk.abandon();
    body.failed(failure);
  }
}
