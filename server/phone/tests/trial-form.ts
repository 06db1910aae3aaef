// A small form with what gives trouble: a photo, a counted-by-hand repeat with a repeat inside, a list from a file.
export const TRIAL_FORM = `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">
<h:head><h:title>Phiếu thử</h:title><model>
<itext>
 <translation lang="Tiếng Việt (vi)"><text id="village"><value>A2. Thôn</value></text></translation>
 <translation lang="English (en)"><text id="village"><value>A2. Village</value></text></translation>
</itext>
<instance><data id="trial" version="1">
 <house><village/><number/><photo/></house>
 <person jr:template=""><id/><who><name/><hours/></who><job jr:template=""><what/></job></person>
 <note/><meta><instanceID/><instanceName/></meta></data></instance>
<instance id="villages" src="jr://file-csv/villages.csv"/>
<bind nodeset="/data/house/village" type="string" required="true()"/>
<bind nodeset="/data/house/number" type="int" constraint=". &gt;= 1 and . &lt;= 999" jr:constraintMsg="Từ 1 đến 999."/>
<bind nodeset="/data/house/photo" type="binary" orx:max-pixels="1600"/>
<bind nodeset="/data/person" relevant="/data/house/number != ''"/>
<bind nodeset="/data/person/id" type="string" calculate="once(uuid())"/>
<bind nodeset="/data/person/who/name" type="string" required="true()"/>
<bind nodeset="/data/person/who/hours" type="decimal"/>
<bind nodeset="/data/person/job/what" type="string"/>
<bind nodeset="/data/note" type="string"/>
<bind nodeset="/data/meta/instanceID" type="string" readonly="true()" jr:preload="uid"/>
<bind nodeset="/data/meta/instanceName" type="string" calculate="concat(/data/house/village, ' / ', /data/house/number)"/>
</model></h:head>
<h:body>
<group ref="/data/house" appearance="field-list"><label>A. Nhà</label>
 <select1 ref="/data/house/village" appearance="autocomplete"><label ref="jr:itext('village')"/><itemset nodeset="instance('villages')/root/item"><value ref="name"/><label ref="label"/></itemset></select1>
 <input ref="/data/house/number"><label>A3. Số</label></input>
 <upload ref="/data/house/photo" mediatype="image/*"><label>Ảnh giấy đồng ý</label></upload>
</group>
<group ref="/data/person"><label>B. Thành viên</label><repeat nodeset="/data/person">
 <group ref="/data/person/who" appearance="field-list"><label>Về <output value="./name"/></label>
  <input ref="/data/person/who/name"><label>B1. Họ tên</label></input>
  <input ref="/data/person/who/hours"><label>B2. Số giờ</label></input></group>
 <group ref="/data/person/job"><label>Việc</label><repeat nodeset="/data/person/job">
  <input ref="/data/person/job/what"><label>Làm gì</label></input></repeat></group>
</repeat></group>
<input ref="/data/note"><label>Ghi chú</label></input>
</h:body></h:html>`;

export const VILLAGES = 'name,label\n05977.001,Thôn Tập huấn 1\n05977.002,Khối Tập huấn 2\n';
