// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a head in the order in which they came, in two arrays: a head has a dozen, and a look
 * at a dozen numbers is no slower than a table with an object for each. Names are found in any
 * case. What is added or set is checked (RFC 9110, sections 5.1 and 5.5). On an event loop.
 */
public final class HttpFields extends HttpHeaders {
  private static final int USUAL = 16;

  /** Name, value, name, value. */
  private CharSequence[] texts = new CharSequence[2 * USUAL];

  /** Of names, in any case. */
  private int[] hashes = new int[USUAL];

  private int size;

  // === reading ===

  private int find(CharSequence name, int hash, int from) {
    for (int i = from; i < size; i++) {
      if (hashes[i] == hash && AsciiString.contentEqualsIgnoreCase(texts[2 * i], name)) {
        return i;
      }
    }
    return -1;
  }

  private @Nullable CharSequence value(CharSequence name) {
    int at = find(name, AsciiString.hashCode(name), 0);
    return at < 0 ? null : texts[2 * at + 1];
  }

  @Override
  public @Nullable String get(CharSequence name) {
    CharSequence value = value(name);
    return value == null ? null : value.toString();
  }

  @Override
  public @Nullable String get(String name) {
    return get((CharSequence) name);
  }

  @Override
  public boolean contains(CharSequence name) {
    return find(name, AsciiString.hashCode(name), 0) >= 0;
  }

  @Override
  public boolean contains(String name) {
    return contains((CharSequence) name);
  }

  @Override
  public List<String> getAll(CharSequence name) {
    int hash = AsciiString.hashCode(name);
    int at = find(name, hash, 0);
    if (at < 0) {
      return List.of();
    }
    String first = texts[2 * at + 1].toString();
    at = find(name, hash, at + 1);
    if (at < 0) {
      return List.of(first);
    }
    List<String> all = new ArrayList<>(4);
    all.add(first);
    for (; at >= 0; at = find(name, hash, at + 1)) {
      all.add(texts[2 * at + 1].toString());
    }
    return all;
  }

  @Override
  public List<String> getAll(String name) {
    return getAll((CharSequence) name);
  }

  @Override
  public Iterator<? extends CharSequence> valueCharSequenceIterator(CharSequence name) {
    return new Values(name);
  }

  @Override
  public boolean containsValue(CharSequence name, CharSequence value, boolean ignoreCase) {
    // The fewest heads have it: nothing is made for the others.
    return contains(name) && super.containsValue(name, value, ignoreCase);
  }

  @Override
  public @Nullable Integer getInt(CharSequence name) {
    CharSequence value = value(name);
    try {
      return value == null ? null : Integer.valueOf(value.toString());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  @Override
  public int getInt(CharSequence name, int otherwise) {
    Integer value = getInt(name);
    return value == null ? otherwise : value;
  }

  @Override
  public @Nullable Short getShort(CharSequence name) {
    Integer value = getInt(name);
    if (value == null || value < Short.MIN_VALUE || value > Short.MAX_VALUE) {
      return null;
    }
    return value.shortValue();
  }

  @Override
  public short getShort(CharSequence name, short otherwise) {
    Short value = getShort(name);
    return value == null ? otherwise : value;
  }

  @Override
  public @Nullable Long getTimeMillis(CharSequence name) {
    CharSequence value = value(name);
    return value == null ? null : new DefaultHttpHeaders().set(name, value).getTimeMillis(name);
  }

  @Override
  public long getTimeMillis(CharSequence name, long otherwise) {
    Long value = getTimeMillis(name);
    return value == null ? otherwise : value;
  }

  @Override
  public boolean isEmpty() {
    return size == 0;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (int i = 0; i < size; i++) {
      names.add(texts[2 * i].toString());
    }
    return names;
  }

  @Override
  public List<Map.Entry<String, String>> entries() {
    List<Map.Entry<String, String>> entries = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      entries.add(new SimpleImmutableEntry<>(texts[2 * i].toString(), texts[2 * i + 1].toString()));
    }
    return entries;
  }

  @Override
  @SuppressWarnings("deprecation") // there is no other for who wants texts
  public Iterator<Map.Entry<String, String>> iterator() {
    return entries().iterator();
  }

  /** An entry is the next one as soon as that is asked for, so none may be kept. */
  @Override
  public Iterator<Map.Entry<CharSequence, CharSequence>> iteratorCharSequence() {
    return new Entries();
  }

  // === writing ===

  /** Adds what was checked as it was read. */
  void addRead(CharSequence name, CharSequence value) {
    put(name, AsciiString.hashCode(name), value);
  }

  private void put(CharSequence name, int hash, CharSequence value) {
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * size);
      texts = Arrays.copyOf(texts, 4 * size);
    }
    hashes[size] = hash;
    texts[2 * size] = name;
    texts[2 * size + 1] = value;
    size++;
  }

  private static void check(CharSequence name) {
    if (name.isEmpty() || HttpHeaderValidationUtil.validateToken(name) >= 0) {
      throw new IllegalArgumentException("no name of a header field");
    }
  }

  private static CharSequence text(Object value) {
    CharSequence text =
        switch (value) {
          case CharSequence same -> same;
          case Number number -> number.toString();
          default -> new DefaultHttpHeaders().set("any", value).get("any"); // dates
        };
    int wrong = HttpHeaderValidationUtil.validateValidHeaderValue(text);
    if (wrong >= 0) {
      throw new IllegalArgumentException("a character that no header field has, at " + wrong);
    }
    return text;
  }

  @Override
  public HttpFields add(CharSequence name, Object value) {
    check(name);
    put(name, AsciiString.hashCode(name), text(value));
    return this;
  }

  @Override
  public HttpFields add(String name, Object value) {
    return add((CharSequence) name, value);
  }

  @Override
  public HttpFields add(CharSequence name, Iterable<?> values) {
    values.forEach(value -> add(name, value));
    return this;
  }

  @Override
  public HttpFields add(String name, Iterable<?> values) {
    return add((CharSequence) name, values);
  }

  @Override
  public HttpFields addInt(CharSequence name, int value) {
    return add(name, Integer.toString(value));
  }

  @Override
  public HttpFields addShort(CharSequence name, short value) {
    return add(name, Integer.toString(value));
  }

  @Override
  public HttpFields set(CharSequence name, Object value) {
    check(name);
    CharSequence text = text(value);
    int hash = AsciiString.hashCode(name);
    remove(name, hash);
    put(name, hash, text);
    return this;
  }

  @Override
  public HttpFields set(String name, Object value) {
    return set((CharSequence) name, value);
  }

  @Override
  public HttpFields set(CharSequence name, Iterable<?> values) {
    remove(name);
    return add(name, values);
  }

  @Override
  public HttpFields set(String name, Iterable<?> values) {
    return set((CharSequence) name, values);
  }

  @Override
  public HttpFields setInt(CharSequence name, int value) {
    return set(name, Integer.toString(value));
  }

  @Override
  public HttpFields setShort(CharSequence name, short value) {
    return set(name, Integer.toString(value));
  }

  @Override
  public HttpFields remove(CharSequence name) {
    remove(name, AsciiString.hashCode(name));
    return this;
  }

  @Override
  public HttpFields remove(String name) {
    return remove((CharSequence) name);
  }

  private void remove(CharSequence name, int hash) {
    int to = find(name, hash, 0);
    if (to < 0) {
      return;
    }
    int next = find(name, hash, to + 1);
    for (int from = to + 1; from < size; from++) {
      if (from == next) {
        next = find(name, hash, from + 1);
      } else {
        hashes[to] = hashes[from];
        texts[2 * to] = texts[2 * from];
        texts[2 * to + 1] = texts[2 * from + 1];
        to++;
      }
    }
    Arrays.fill(texts, 2 * to, 2 * size, null);
    size = to;
  }

  @Override
  public HttpFields clear() {
    Arrays.fill(texts, 0, 2 * size, null);
    size = 0;
    return this;
  }

  @Override
  public HttpFields copy() {
    HttpFields copy = new HttpFields();
    copy.hashes = hashes.clone();
    copy.texts = texts.clone();
    copy.size = size;
    return copy;
  }

  /** Goes through the fields, and is the one entry that there is. */
  private final class Entries
      implements Iterator<Map.Entry<CharSequence, CharSequence>>,
          Map.Entry<CharSequence, CharSequence> {
    private int at = -1;

    @Override
    public boolean hasNext() {
      return at + 1 < size;
    }

    @Override
    public Map.Entry<CharSequence, CharSequence> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      at++;
      return this;
    }

    @Override
    public CharSequence getKey() {
      return texts[2 * at];
    }

    @Override
    public CharSequence getValue() {
      return texts[2 * at + 1];
    }

    @Override
    public CharSequence setValue(CharSequence value) {
      throw new UnsupportedOperationException("a field on the way through all of them");
    }
  }

  /** The values of one name. */
  private final class Values implements Iterator<CharSequence> {
    private final CharSequence name;
    private final int hash;
    private int next;

    Values(CharSequence name) {
      this.name = name;
      this.hash = AsciiString.hashCode(name);
      this.next = find(name, hash, 0);
    }

    @Override
    public boolean hasNext() {
      return next >= 0;
    }

    @Override
    public CharSequence next() {
      if (next < 0) {
        throw new NoSuchElementException();
      }
      CharSequence value = texts[2 * next + 1];
      next = find(name, hash, next + 1);
      return value;
    }
  }
}
