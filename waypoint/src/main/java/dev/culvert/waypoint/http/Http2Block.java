// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A header block that is about to be written: heads and trailers as HPACK's encoder goes through
 * them, without a copy of their fields. One for a connection, since the encoder has gone through it
 * before the next is written.
 */
final class Http2Block extends DefaultHttp2Headers {
  private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  /** Name and value of each of HTTP/2's own fields: five at most. */
  private final CharSequence[] pseudo = new CharSequence[10];

  private final Entries entries = new Entries();
  private int pseudos;
  private HttpHeaders fields = EmptyHttpHeaders.INSTANCE;
  private @Nullable AsciiString without;

  Http2Block() {
    super(false, 2);
  }

  /** A request; an upgrade to WebSocket becomes what RFC 8441 has for it. */
  Http2Block request(HttpRequest head, String scheme) {
    HttpHeaders from = head.headers();
    boolean webSocket = from.contains(HttpHeaderNames.UPGRADE);
    begin(from, webSocket ? HttpHeaderNames.SEC_WEBSOCKET_KEY : null);
    own(
        PseudoHeaderName.METHOD,
        webSocket ? HttpMethod.CONNECT.asciiName() : head.method().asciiName());
    own(PseudoHeaderName.SCHEME, scheme);
    own(PseudoHeaderName.PATH, head.uri());
    String host = from.get(HttpHeaderNames.HOST);
    if (host != null) {
      own(PseudoHeaderName.AUTHORITY, host);
    }
    if (webSocket) {
      own(PROTOCOL, WEBSOCKET);
    }
    return this;
  }

  /** A response; 101, which HTTP/2 has not, becomes the 200 that begins a WebSocket. */
  Http2Block response(HttpResponse head) {
    boolean switches = head.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
    begin(head.headers(), switches ? HttpHeaderNames.SEC_WEBSOCKET_ACCEPT : null);
    HttpResponseStatus status = switches ? HttpResponseStatus.OK : head.status();
    own(PseudoHeaderName.STATUS, status.codeAsText());
    return this;
  }

  /** Trailers. */
  Http2Block trailers(HttpHeaders from) {
    begin(from, null);
    return this;
  }

  private void begin(HttpHeaders from, @Nullable AsciiString leftOut) {
    fields = from;
    without = leftOut;
    pseudos = 0;
  }

  private void own(PseudoHeaderName of, CharSequence content) {
    own(of.value(), content);
  }

  private void own(AsciiString of, CharSequence content) {
    pseudo[pseudos] = of;
    pseudo[pseudos + 1] = content;
    pseudos += 2;
  }

  /** Lets go of what was written. */
  void clearBlock() {
    begin(EmptyHttpHeaders.INSTANCE, null);
    entries.begin();
  }

  /** The encoder's view. */
  @Override
  public Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
    entries.begin();
    return entries;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  /** Goes through the fields, and is the one entry that there is, with the next field in it. */
  private final class Entries
      implements Iterator<Map.Entry<CharSequence, CharSequence>>,
          Map.Entry<CharSequence, CharSequence> {
    private int next;
    private Iterator<Map.Entry<CharSequence, CharSequence>> rest = Collections.emptyIterator();
    private CharSequence name = "";
    private CharSequence value = "";
    private boolean found;

    void begin() {
      next = 0;
      found = false;
      rest = fields.iteratorCharSequence();
      name = "";
      value = "";
    }

    @Override
    public boolean hasNext() {
      if (!found) {
        found = next < pseudos ? nextPseudo() : nextField();
      }
      return found;
    }

    private boolean nextPseudo() {
      name = pseudo[next];
      value = pseudo[next + 1];
      next += 2;
      return true;
    }

    private boolean nextField() {
      while (rest.hasNext()) {
        Map.Entry<CharSequence, CharSequence> field = rest.next();
        AsciiString lower = Http2Names.of(field.getKey());
        if (lower != null && (without == null || !without.contentEquals(lower))) {
          name = lower;
          value = field.getValue();
          return true;
        }
      }
      return false;
    }

    @Override
    public Map.Entry<CharSequence, CharSequence> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      found = false;
      return this;
    }

    @Override
    public CharSequence getKey() {
      return name;
    }

    @Override
    public CharSequence getValue() {
      return value;
    }

    @Override
    public CharSequence setValue(CharSequence other) {
      throw new UnsupportedOperationException("a field that is being written");
    }
  }
}
