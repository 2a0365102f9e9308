# Python's websockets. Prints one JSON line about what it met.
import asyncio, json, ssl, sys
import websockets

async def main():
    given = json.loads(sys.argv[1])
    context = ssl.create_default_context(cafile=given["ca"])
    context.load_cert_chain(given["cert"], given["key"])
    options = dict(ssl=context, subprotocols=["openc2"])
    check_in = given["checkIn"]
    third = len(check_in) // 3 + 1
    async with websockets.connect(given["url"], **options) as socket:
        await (await socket.ping(b"a ping"))
        await socket.send([check_in[:third], check_in[third:2 * third], check_in[2 * third:]])
        message = await socket.recv()
        met = dict(protocol=socket.subprotocol, message=dict(text=message, isBinary=isinstance(message, bytes)))
        await socket.close(1000, "done")
        met["closed"] = socket.close_code
    async with websockets.connect(given["url"], **options) as socket:
        await socket.send("x" * 9000)
        await socket.wait_closed()
        met["closedTooBig"] = socket.close_code
    print(json.dumps(met))

asyncio.run(main())
