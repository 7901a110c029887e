// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.policy.authz.request.TokenFacts;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.accept.RejectedRequestException;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.match.AcceptedRequest;
import dev.culvert.waypoint.observe.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.trace.Hop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response. Until a phase forwards it, its body waits, within the bounds of the
 * client's stream. On its event loop.
 */
public final class Exchange implements HttpStream.Events {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final ClientStream client;
  private final HttpRequest head;
  private final Chain chain;
  private final LongAdder open;
  private final long begun = System.nanoTime();
  private final HeldBody held;
  private final List<Consumer<HttpResponse>> onResponse = new ArrayList<>(2);

  private final boolean bodyless;
  private final String method;
  private final String uri;
  private final String protocol;

  private int nextPhase;
  private List<Phase> inside = List.of();
  private int nextInside;
  private @Nullable Runnable abandoned;
  private @Nullable AcceptedRequest request;
  private @Nullable RoutePlan plan;
  private List<Phase> guards = List.of();
  private TokenFacts token = TokenFacts.NONE;
  private @Nullable Hop hop;
  private List<Phase> filters = List.of();
  private HttpStream.@Nullable Events forwarding;
  private boolean inTurn = true;
  private boolean responded;
  private boolean over;

  // What is told of it.
  private int status;
  private ResponseFlag flag = ResponseFlag.NONE;
  private String details = "";
  private String policy = "";
  private String notes = "";
  private @Nullable Destination destination;
  private @Nullable Target target;
  private int attempts;
  private long requestBytes;
  private long responseBytes;
  private @Nullable HttpHeaders trailers;
  private @Nullable HttpHeaders responseHeaders;

  Exchange(ClientStream client, HttpRequest head, Chain chain, LongAdder open) {
    this.client = client;
    this.head = head;
    this.chain = chain;
    this.open = open;
    this.held = new HeldBody(client);
    this.bodyless = hasNoBody(head.headers());
    this.method = head.method().name();
    this.uri = head.uri();
    this.protocol = head.protocolVersion().text();
    open.increment();
  }

  // === phases ===

  /** Goes on with the next phase; by a phase that made it wait, once. */
  public void proceed() {
    abandoned = null;
    try {
      Phase phase = next();
      while (phase != null) {
        if (phase.run(this) != Phase.Step.NEXT) {
          return;
        }
        phase = next();
      }
      if (!over && forwarding == null && !responded) {
        answer(LocalAnswer.of(404, ResponseFlag.NO_ROUTE, "no phase answered"));
      }
    } catch (RuntimeException e) {
      LOG.error("a phase failed, the request is refused", e);
      fail(500, new StreamFailure(ResponseFlag.NONE, "internal error: " + e));
    }
  }

  private @Nullable Phase next() {
    if (over) {
      return null;
    }
    if (nextInside < inside.size()) {
      return inside.get(nextInside++);
    }
    return nextPhase < chain.length() ? chain.phase(nextPhase++) : null;
  }

  /** Has it go through these before the next phase of the chain; by a phase that says NEXT. */
  public void through(List<Phase> phases) {
    inside = phases;
    nextInside = 0;
  }

  /**
   * A phase waits, and is told when nobody waits for it any more.
   *
   * @param given called instead of what it waits for, when the client goes away
   */
  public void waits(Runnable given) {
    abandoned = given;
  }

  /**
   * Calls a phase that waits when the body is whole, or longer than it wants to know; perhaps at
   * once. A client that waits to be asked for its body is asked.
   *
   * @param most so many bytes are held for it, whatever the client's window is
   */
  public void gather(int most, Runnable then) {
    if (bodyless) {
      then.run();
      return;
    }
    if (head.headers().containsValue(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true)) {
      head.headers().remove(HttpHeaderNames.EXPECT);
      client.respond(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
      client.flush();
    }
    held.gather(most, then);
  }

  /** Whether all of the body was gathered. */
  public boolean isGathered() {
    return bodyless || held.isWhole();
  }

  /** The beginning of what was gathered. */
  public byte[] gathered(int most) {
    return held.copy(most);
  }

  /** The request as routes and policies see it. */
  public AcceptedRequest request() throws RejectedRequestException {
    if (request == null) {
      request = AcceptedRequest.of(head);
    }
    return request;
  }

  /** The head as it will be sent on; phases may change it. */
  public HttpRequest head() {
    return head;
  }

  /** RFC 9112, section 6.3; streams of HTTP/2 write the same fields. */
  private static boolean hasNoBody(HttpHeaders headers) {
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    return !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        && (length == null || length.equals("0"));
  }

  /** Whether its head says that no body follows. */
  public boolean isBodyless() {
    return bodyless;
  }

  /** The connection that it came in. */
  public ClientConnection connection() {
    return client.connection();
  }

  /** Sets what is to be done with it, and the filters to go through before. */
  public void take(RoutePlan taken, List<Phase> through) {
    plan = taken;
    filters = through;
  }

  /** Sets what decides whether it may go on, before anything else is done with it. */
  public void guard(List<Phase> deciding) {
    guards = deciding;
  }

  /** What decides whether it may go on. */
  public List<Phase> guards() {
    return guards;
  }

  /** It is of a trace, of which this is a part. */
  public void traced(Hop here) {
    hop = here;
  }

  /** Its part of a trace; null before it is known. */
  public @Nullable Hop hop() {
    return hop;
  }

  /** Its token was proved. */
  public void authenticated(TokenFacts proved) {
    token = proved;
  }

  /** What its token says, if it has one that was proved. */
  public TokenFacts token() {
    return token;
  }

  /** The filters of the rule that took it. */
  public List<Phase> filters() {
    return filters;
  }

  /** What is to be done with it; null before it was matched. */
  public @Nullable RoutePlan plan() {
    return plan;
  }

  /** Called with the head of the final response before it is sent, in the order of the calls. */
  public void onResponse(Consumer<HttpResponse> change) {
    onResponse.add(change);
  }

  /** Hands the body on, from its first byte. */
  public void forwardTo(HttpStream.Events taker) {
    forwarding = taker;
    held.pour(taker);
  }

  /** Whether it ended while a phase waited. */
  public boolean isOver() {
    return over;
  }

  /** Whether more of the request may come in this turn of the loop, and then its end. */
  public boolean isInTurn() {
    return inTurn;
  }

  // === the answer ===

  /** Answers in place of a backend. */
  public void answer(LocalAnswer answer) {
    if (responded || over) {
      return;
    }
    flag = answer.flag();
    details = answer.details();
    boolean grpc = answer.status() >= 400 && GrpcAnswer.isCall(head.headers());
    ByteBuf body = grpc ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(answer.body(), UTF_8);
    HttpResponse response =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1,
            grpc ? HttpResponseStatus.OK : HttpResponseStatus.valueOf(answer.status()),
            answer.headers().copy());
    if (grpc) {
      GrpcAnswer.write(answer.status(), response.headers());
    }
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    respond(response);
    if (body.isReadable()) {
      write(body);
    }
    end(EmptyHttpHeaders.INSTANCE);
  }

  /** Sends a head of a backend, stripped of what was meant for its connection. */
  public void respond(HttpResponse response) {
    int code = response.status().code();
    if (code >= 200 || code == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      responded = true;
      status = code;
      responseHeaders = response.headers();
      for (int i = 0; i < onResponse.size(); i++) {
        onResponse.get(i).accept(response);
      }
    }
    client.respond(response);
  }

  /** Sends a part of the response's body. */
  public void write(ByteBuf data) {
    responseBytes += data.readableBytes();
    client.write(data);
  }

  /** Sends what was queued. */
  public void flush() {
    client.flush();
  }

  /** Whether the client takes more. */
  public boolean isWritable() {
    return client.isWritable();
  }

  /** So many bytes of the request are with the backend. */
  public void consumed(int bytes) {
    int news = held.consumed(bytes);
    if (!over && news > 0) {
      client.consumed(news);
    }
  }

  /** Ends the response. */
  public void end(HttpHeaders last) {
    if (over) {
      return;
    }
    trailers = last;
    finish();
    client.end(last);
    client.flush();
  }

  /** Nothing good can come any more: answers with the status, or breaks what has begun. */
  public void fail(int wanted, StreamFailure failure) {
    if (over) {
      return;
    }
    if (responded) {
      flag = failure.flag();
      details = failure.problem();
      finish();
      client.reset();
    } else {
      answer(LocalAnswer.of(wanted, failure.flag(), failure.problem()));
    }
  }

  private void finish() {
    over = true;
    open.decrement();
    held.release();
    chain.observer().finished(this);
  }

  // === the client's events ===

  @Override
  public void data(ByteBuf data) {
    int bytes = data.readableBytes();
    requestBytes += bytes;
    if (over) {
      data.release();
      client.consumed(bytes);
    } else if (forwarding != null) {
      forwarding.data(data);
    } else {
      held.add(data);
    }
  }

  @Override
  public void ended(HttpHeaders last) {
    if (forwarding != null) {
      forwarding.ended(last);
    } else {
      held.end(last);
    }
  }

  @Override
  public void dataComplete() {
    inTurn = false;
    if (forwarding != null) {
      forwarding.dataComplete();
    }
  }

  @Override
  public void writable() {
    if (forwarding != null) {
      forwarding.writable();
    }
  }

  @Override
  public void failed(StreamFailure failure) {
    if (!over) {
      flag = failure.flag();
      details = failure.problem();
      finish();
    }
    Runnable given = abandoned;
    abandoned = null;
    if (given != null) {
      given.run();
    }
    if (forwarding != null) {
      forwarding.failed(failure);
    }
  }

  // === what is told of it ===

  /** As the client asked, whatever phases made of it. */
  public String method() {
    return method;
  }

  /** Path and query as the client asked, in normal form. */
  public String uri() {
    return uri;
  }

  /** The client's version of HTTP. */
  public String protocol() {
    return protocol;
  }

  /** An attempt began. */
  public void attempted(Destination to, Target at) {
    attempts++;
    destination = to;
    target = at;
  }

  /** The policy that decided, as the log names it. */
  public void decidedBy(String named) {
    policy = named;
  }

  /** A policy that decides nothing has something to say, for the log. */
  public void noted(String note) {
    notes = notes.isEmpty() ? note : notes + ", " + note;
  }

  /** What such policies said; empty for nothing. */
  public String notes() {
    return notes;
  }

  /** The status sent; 0 when none was. */
  public int status() {
    return status;
  }

  /** Why the response is not a backend's own. */
  public ResponseFlag flag() {
    return flag;
  }

  /** More of it, for the log; empty for none. */
  public String details() {
    return details;
  }

  /** The policy that decided; empty for none. */
  public String policy() {
    return policy;
  }

  /** Where it was sent last; null when it was not. */
  public @Nullable Destination destination() {
    return destination;
  }

  /** The endpoint it was sent to last; null when it was not. */
  public @Nullable Target target() {
    return target;
  }

  /** How often it was sent. */
  public int attempts() {
    return attempts;
  }

  /** Bytes of the request's body. */
  public long requestBytes() {
    return requestBytes;
  }

  /** Bytes of the response's body. */
  public long responseBytes() {
    return responseBytes;
  }

  /** The trailers sent; null when it did not end. */
  public @Nullable HttpHeaders trailers() {
    return trailers;
  }

  /** The header fields of the response; null when there was none. */
  public @Nullable HttpHeaders responseHeaders() {
    return responseHeaders;
  }

  /** Nanoseconds since its head came. */
  public long nanos() {
    return System.nanoTime() - begun;
  }
}
