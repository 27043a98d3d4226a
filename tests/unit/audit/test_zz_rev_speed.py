import time, secrets
from datetime import datetime, UTC
from pathlib import Path
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.subjects import disclose, seen, problems
from audit.export import *
from audit.query import *
from audit.proving import prove
from audit.checkpoint import Verifier
from hub.database import transaction
from keys.key import Key
from keys.signing import RingSigner
W={"actor":"service:hub","code_commit":"0"*40}
def test_speed(settings,tmp_path):
    signer=RingSigner(Key("audit/1",bytes(32)),"x/y")
    ids=[secrets.token_hex(16) for _ in range(150_000)]
    def timed(n,f):
        t=time.perf_counter(); r=f(); print(f"{n}: {time.perf_counter()-t:.2f}s"); return r
    for n in range(4):
        with transaction(settings) as c:
            timed("disclose 150k",lambda: disclose(c,Entry(action=Action.PUBLISH,release=f"r{n}",recipient="a",purpose="p",**W),ids))
    with transaction(settings) as c:
        timed("seen of 4x150k",lambda: seen(c,ids[5]))
        timed("problems",lambda: list(problems(c)))
        es=[Entry(action=Action.COLLECT,feed="police.x" if n%100==0 else "yot.cases",delivery="d",purpose="p",clause="c",agreement_hash="a",**W) for n in range(200_000)]
        append(c,*es); checkpoint(c,signer)
    R=lambda f,**w: Request(wanted=Filter(**w),format=f,actor="a",recipient="b",justification="c")
    for f in Format: timed(f"export 200k {f}",lambda: export(settings,signer,tmp_path/f,R(f)))
    timed("export part 2k proofs",lambda: export(settings,signer,tmp_path/"part",R(Format.JSONL,authority="police")))
    with transaction(settings) as c:
        timed("page authority",lambda: entries(c,Filter(authority="police")))
        timed("count",lambda: count(c,Filter(authority="police")))
        timed("choices",lambda: choices(c))
        timed("prove",lambda: prove(c,777,Verifier.of(signer)))
