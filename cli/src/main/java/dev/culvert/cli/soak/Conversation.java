// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client sends is made from its number and the position; what returns is compared, on a
 * thread that only reads, so that an end is noticed when it comes and not when it is next in the
 * way.
 */
final class Conversation {
  private static final int CHUNK = 32 * 1024;
  private static final int MESSAGE = 64;

  private final SocketChannel connection;
  private final long id;
  private final ByteBuffer out = ByteBuffer.allocateDirect(CHUNK);
  private final AtomicLong sent = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private long verified;
  private long endedAt;
  private IOException end;

  Conversation(SocketChannel connection, long id) {
    this.connection = connection;
    this.id = id;
  }

  void start() {
    Thread.startVirtualThread(this::readAll);
  }

  long sent() {
    return sent.get();
  }

  long verified() {
    lock.lock();
    try {
      return verified;
    } finally {
      lock.unlock();
    }
  }

  /** When the other side ended it, or else now. */
  long endedAt() {
    lock.lock();
    try {
      return endedAt == 0 ? System.nanoTime() : endedAt;
    } finally {
      lock.unlock();
    }
  }

  /** Sends so much and waits until it is back. */
  void exchange(long bytes) throws IOException {
    send(bytes);
    awaitBack();
  }

  void messages(int count, Duration between) throws IOException {
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        pause(between);
      }
      exchange(MESSAGE);
    }
  }

  /** Ends its half when all is sent, while much of it may not be back. */
  void bothWays(long bytes) throws IOException {
    send(bytes);
    connection.shutdownOutput();
    awaitBack();
  }

  /** Ends its half; the other must end too, without another byte. */
  void finish() throws IOException {
    connection.shutdownOutput();
    lock.lock();
    try {
      while (end == null) {
        news.await();
      }
      if (!(end instanceof EOFException)) {
        throw end;
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      lock.unlock();
    }
  }

  private void send(long bytes) throws IOException {
    for (long left = bytes; left > 0; left -= out.position()) {
      int length = (int) Math.min(CHUNK, left);
      out.clear();
      for (int i = 0; i < length; i++) {
        out.put(at(sent.get() + i));
      }
      sent.addAndGet(length);
      out.flip();
      while (out.hasRemaining()) {
        connection.write(out);
      }
    }
  }

  private void awaitBack() throws IOException {
    lock.lock();
    try {
      while (verified < sent.get()) {
        refuseEnd();
        news.await();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      lock.unlock();
    }
  }

  private void pause(Duration time) throws IOException {
    lock.lock();
    try {
      for (long left = time.toNanos(); left > 0; left = news.awaitNanos(left)) {
        refuseEnd();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      lock.unlock();
    }
  }

  private void refuseEnd() throws IOException {
    if (end != null) {
      throw end;
    }
  }

  private void readAll() {
    ByteBuffer in = ByteBuffer.allocateDirect(CHUNK);
    try {
      while (connection.read(in.clear()) >= 0) {
        compare(in.flip());
      }
      ended(new EOFException("ended by the other side"));
    } catch (IOException e) {
      ended(e);
    }
  }

  private void compare(ByteBuffer came) throws WrongAnswerException {
    long position = verified();
    while (came.hasRemaining()) {
      if (position == sent.get()) {
        throw new WrongAnswerException("more came back than the %d sent".formatted(position));
      }
      if (came.get() != at(position)) {
        throw new WrongAnswerException("wrong byte at " + position);
      }
      position++;
    }
    lock.lock();
    try {
      verified = position;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void ended(IOException why) {
    lock.lock();
    try {
      endedAt = System.nanoTime();
      end = why;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private byte at(long position) {
    return (byte) (id * 131 + position * 31 + (position >>> 13));
  }
}
